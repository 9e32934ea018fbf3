import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AdminPorts } from '../../lambda/admin/admin-ports.ts';
import { createAdminApp, maxBodyBytesOf } from '../../lambda/admin/app.ts';

export interface AdminServer {
  /** `http://127.0.0.1:<port>` or the like, where this machine finds the page. */
  readonly url: string;
  /** The address, where it is one that other machines may reach; undefined on loopback. */
  readonly openTo: string | undefined;
  /** Ends open connections. */
  stop(): Promise<void>;
}

/** Whoever goes on sending beyond this is cut off without an answer. */
const maxReadBytes = 16 * 1024 * 1024;

/**
 * Serves the admin API and its page over plain HTTP. Who calls from where, and by which name, makes no difference to
 * it: a call needs a token, which no browser sends by itself.
 * @param port 0 takes any free one
 * @param host `0.0.0.0` and `::` listen on every network
 * @throws Error of node:net when the port is taken (EADDRINUSE), or the address is not this machine's (EADDRNOTAVAIL)
 */
export async function startAdminServer(ports: AdminPorts, port: number, host = '127.0.0.1'): Promise<AdminServer> {
  const { fetch } = createAdminApp(ports);
  const server = createServer({ requestTimeout: 30_000 }, (request, response) => {
    answer(request, response, fetch).catch((error: unknown) => {
      // The sender went away, or was cut off: there is nobody left to tell.
      if (!request.destroyed) ports.failed({ doing: 'a request', error });
      response.destroy();
    });
  });
  server.listen(port, host);
  await once(server, 'listening');
  const bound = server.address() as AddressInfo;
  return {
    url: `http://${nearHost(bound)}:${bound.port}`,
    openTo: /^(?:127\.|::1$)/.test(bound.address) ? undefined : bound.address,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** How this machine calls an address that it listens on. */
function nearHost({ address, family }: AddressInfo): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  if (address === '::') return '[::1]';
  return family === 'IPv6' ? `[${address}]` : address;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  fetch: (request: Request) => Response | Promise<Response>,
): Promise<void> {
  const { method = 'GET', url: path = '/' } = request;
  const body = await readBody(request, maxBodyBytesOf({ method, path: path.replace(/\?.*$/, '') }));
  // What a Request cannot be made of: TRACE, and `*` or a whole URL instead of a path.
  if (method === 'TRACE' || !path.startsWith('/')) {
    response.writeHead(method === 'TRACE' ? 405 : 400, { allow: 'GET, HEAD, POST, PUT, PATCH, DELETE' }).end();
    return;
  }
  const hasBody = body.length > 0 && method !== 'GET' && method !== 'HEAD';
  const given = await fetch(
    // A host of our own: what the sender calls us does not matter, and need not be a host at all.
    new Request(`http://localhost${path}`, { method, headers: headersOf(request), ...(hasBody && { body }) }),
  );
  response.writeHead(given.status, Object.fromEntries(given.headers));
  response.end(Buffer.from(await given.arrayBuffer()));
}

/**
 * No more than the API takes and one byte, which tells that it was more. The rest is read and dropped, so that the
 * sender gets to see the answer.
 */
async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer<ArrayBuffer>[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer<ArrayBuffer>>) {
    if (size <= maxBytes) chunks.push(chunk);
    size += chunk.length;
    if (size > maxReadBytes) request.destroy();
  }
  return Buffer.concat(chunks).subarray(0, maxBytes + 1);
}

function headersOf(request: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headersDistinct)) {
    for (const each of value ?? []) headers.append(name, each);
  }
  return headers;
}

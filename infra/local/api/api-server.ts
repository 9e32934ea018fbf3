import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { ApiPorts } from '../../../lambda/api/api-ports.ts';
import { createApi } from '../../../lambda/api/app.ts';
import { guardHosts } from './allowed-hosts.ts';
import { waitingBody } from './request-body.ts';

export interface AdminServer {
  /** `http://127.0.0.1:<port>` or the like, where this machine finds the page. */
  readonly url: string;
  /** The address, where it is one that other machines may reach; undefined on loopback. */
  readonly openTo: string | undefined;
  /** Ends open connections. */
  stop(): Promise<void>;
}

/**
 * So many connections at once; more are closed as they come. Each may hold a request's head (16 KiB) and an answer or two:
 * bodies are read after the token, and bounded together by the API. A page holds up to six, a Locust one.
 */
const maxConnections = 512;
/**
 * A connection that asks again before it has taken what it asked for is closed. No browser does so; Node begins with every
 * request that has come, and would hold the answers of thousands.
 */
const maxUnanswered = 2;
/** A request's head comes within so long, all of it within the other: who dawdles holds a connection no longer. */
const limits = { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 2_000 };

/**
 * Serves the admin API and its page over plain HTTP, to requests that call it by an address, `localhost` or one of the
 * allowed names; the others get 421, and 403 where a page of another origin wants to change something.
 * @param port 0 takes any free one
 * @param host `0.0.0.0` and `::` listen on every network
 * @throws Error of node:net when the port is taken (EADDRINUSE), or the address is not this machine's (EADDRNOTAVAIL)
 * @param allowedHosts further names, in lower case
 */
export async function startAdminServer(
  ports: ApiPorts,
  port: number,
  host = '127.0.0.1',
  allowedHosts: readonly string[] = [],
): Promise<AdminServer> {
  const fetch = guardHosts(createApi(ports).fetch, allowedHosts);
  const unanswered = new WeakMap<Socket, number>();
  const take = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket } = request;
    const before = unanswered.get(socket) ?? 0;
    if (before === maxUnanswered) {
      socket.destroy();
      return;
    }
    unanswered.set(socket, before + 1);
    response.once('close', () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1));
    answer(request, response, fetch).catch((error: unknown) => {
      // The sender went away, or was cut off: nobody is left to answer.
      if (!request.destroyed) ports.failed({ doing: 'a request', error });
      response.destroy();
    });
  };
  const server = createServer(limits, take);
  // Who asks whether to send a body is told to once the body is read, which is after the token: node:http says so at once.
  server.on('checkContinue', take);
  server.maxConnections = maxConnections;
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
  const isAsking = request.headers.expect !== undefined;
  const body = waitingBody(request, () => {
    if (isAsking) response.writeContinue();
  });
  // What a Request cannot be made of: TRACE, and `*` or a whole URL instead of a path.
  if (method === 'TRACE' || !path.startsWith('/')) {
    response.writeHead(method === 'TRACE' ? 405 : 400, { allow: 'GET, HEAD, POST, PUT, PATCH, DELETE' }).end();
    body.drop();
    return;
  }
  const gone = new AbortController();
  response.once('close', () => {
    gone.abort();
  });
  const given = await fetch(
    // A host of our own: what the sender calls us does not matter, and need not be a host at all.
    new Request(`http://localhost${path}`, {
      method,
      headers: headersOf(request),
      signal: gone.signal,
      ...(hasBody(request) && { body: body.stream, duplex: 'half' as const }),
    }),
  );
  // A body that was not asked for may come or not: nothing behind it could be told from it.
  if (isAsking) response.setHeader('connection', 'close');
  response.writeHead(given.status, Object.fromEntries(given.headers));
  response.end(Buffer.from(await given.arrayBuffer()));
  body.drop();
}

function hasBody({ method, headers }: IncomingMessage): boolean {
  if (method === 'GET' || method === 'HEAD') return false;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function headersOf(request: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headersDistinct)) {
    for (const each of value ?? []) headers.append(name, each);
  }
  return headers;
}

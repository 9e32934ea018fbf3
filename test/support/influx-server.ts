import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

/** How the server takes one write: with an answer, with none at all, or with bytes that no HTTP library would send. */
type Taking =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | { readonly raw: string }
  | 'hang'
  | 'reset';

/** One write as it came in. */
interface WriteRequest {
  readonly method: string | undefined;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly lines: readonly string[];
}

/** A real server on 127.0.0.1 that takes writes as a test says. */
export interface InfluxServer {
  /** With the port, without a trailing slash. */
  readonly url: string;
  readonly requests: readonly WriteRequest[];
  /** The lines of all writes that were answered with a 2xx. */
  readonly lines: readonly string[];
  /** One per TCP connection, in order. */
  readonly connections: readonly Socket[];
  /** How the next writes are taken, in order; beyond them each one is stored and answered with 204. */
  take(...takings: readonly Taking[]): void;
  /** Resolves when a client has closed a connection whose write was not answered. */
  readonly abandoned: Promise<void>;
  close(): Promise<void>;
}

/** Starts one on a free port, whose idle connections stay open until it is closed. */
export async function startInfluxServer(): Promise<InfluxServer> {
  const requests: WriteRequest[] = [];
  const lines: string[] = [];
  const connections: Socket[] = [];
  const script: Taking[] = [];
  const abandoned = Promise.withResolvers<undefined>();
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    response.on('close', () => {
      if (!response.writableEnded) abandoned.resolve(undefined);
    });
    void readWrite(request).then((write) => {
      requests.push(write);
      const taking = script.shift() ?? { status: 204 };
      if (typeof taking === 'object' && 'status' in taking && taking.status < 300) lines.push(...write.lines);
      answer(response, taking);
    });
  });
  server.on('connection', (socket: Socket) => connections.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    lines,
    connections,
    take: (...takings) => script.push(...takings),
    abandoned: abandoned.promise,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function readWrite(request: IncomingMessage): Promise<WriteRequest> {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
  const body = await buffer(request);
  const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString('utf8');
  const { method, headers } = request;
  return { method, path: pathname, query: Object.fromEntries(searchParams), headers, lines: text.split('\n') };
}

function answer(response: ServerResponse, taking: Taking): void {
  if (taking === 'hang') return;
  if (taking === 'reset') response.socket?.resetAndDestroy();
  else if ('raw' in taking) response.socket?.end(taking.raw, 'latin1');
  else response.writeHead(taking.status, taking.headers).end(taking.body);
}

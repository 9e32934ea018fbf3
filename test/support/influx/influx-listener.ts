import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { withResolvers } from '../../../lambda/runtime/with-resolvers.ts';

/** One request, with its whole body, unpacked when it was gzip. */
export interface InfluxRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly lines: readonly string[];
}

/** What every InfluxDB of the tests has in common: it listens on loopback, reads whole requests and can be stopped. */
export interface InfluxListener {
  /** With the port, without a trailing slash. */
  readonly url: string;
  /** One per TCP connection, in order. */
  readonly connections: readonly Socket[];
  /** Resolves when a client has closed a connection whose request was not answered. */
  readonly abandoned: Promise<void>;
  /** Listens again, at the same address. */
  listen(): Promise<void>;
  /** Ends every connection; nothing listens from then on. */
  stop(): Promise<void>;
}

/** Starts one whose idle connections stay open until it is stopped. @param host default 127.0.0.1 */
export async function startInfluxListener(
  answer: (request: InfluxRequest, response: ServerResponse) => void,
  host = '127.0.0.1',
): Promise<InfluxListener> {
  const connections: Socket[] = [];
  const abandoned = withResolvers<undefined>();
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    response.on('close', () => {
      if (!response.writableEnded) abandoned.resolve(undefined);
    });
    void readWhole(request).then((whole) => {
      answer(whole, response);
    });
  });
  server.on('connection', (socket: Socket) => connections.push(socket));
  let port = 0;
  const listen = async (): Promise<void> => {
    if (server.listening) return;
    server.listen({ host, port });
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  };
  await listen();
  return {
    url: `http://${host}:${port}`,
    connections,
    abandoned: abandoned.promise,
    listen,
    async stop() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function readWhole(request: IncomingMessage): Promise<InfluxRequest> {
  const { method = '', headers } = request;
  const { pathname: path, searchParams } = new URL(request.url ?? '', 'http://influx');
  const bytes = await buffer(request);
  const body = (headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString();
  return { method, path, query: Object.fromEntries(searchParams), headers, body, lines: body.split('\n') };
}

import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';

/** Certificates under test/fixtures/tls that a server can show. */
export type CertificateName = 'server' | 'other-name' | 'expired';

/** Text of a file under test/fixtures/tls. */
export function tlsFixture(file: string): string {
  return readFileSync(new URL(`../../fixtures/tls/${file}`, import.meta.url), 'utf8');
}

/** Answers one request; `index` counts the server's requests from 0. */
export type Answering = (request: IncomingMessage, response: ServerResponse, index: number) => void;

/** A real HTTP(S) server on 127.0.0.1 that answers as a test says, and remembers who asked. */
export interface LocustServer {
  /** With the port, without a trailing slash. */
  readonly url: string;
  readonly requests: readonly IncomingMessage[];
  /** One per TCP connection, in order. */
  readonly connections: readonly Socket[];
  /** Nothing listens there from now on. */
  vanish(): Promise<void>;
  /** It listens there again. */
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts one on a free port. With a certificate it speaks TLS.
 * @param address default 127.0.0.1; one that is to vanish and come back needs an address of its own
 */
export async function startLocustServer(
  answer: Answering,
  certificate?: CertificateName,
  address = '127.0.0.1',
): Promise<LocustServer> {
  const requests: IncomingMessage[] = [];
  const connections: Socket[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    requests.push(request);
    answer(request, response, requests.length - 1);
  };
  const server =
    certificate === undefined
      ? createServer({ keepAliveTimeout: 0 }, listener)
      : createTlsServer(
          { keepAliveTimeout: 0, key: tlsFixture('server.key'), cert: tlsFixture(`${certificate}.pem`) },
          listener,
        );
  server.on('connection', (socket: Socket) => connections.push(socket));
  const listen = async (port: number): Promise<void> => {
    server.listen(port, address);
    await once(server, 'listening');
  };
  const close = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    for (const socket of connections) socket.destroy();
    if (server.listening) await once(server, 'close');
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `${certificate === undefined ? 'http' : 'https'}://${address}:${port}`,
    requests,
    connections,
    vanish: close,
    comeBack: () => listen(port),
    close,
  };
}

import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP server on 127.0.0.1 for answers that no HTTP library would send. */
export interface RawServer {
  readonly port: number;
  readonly connections: readonly Socket[];
  /** Resolves when the client has closed the first connection. */
  readonly firstClosed: Promise<void>;
  close(): Promise<void>;
}

/** Starts one on a free port; `answer` is called with the first bytes of each connection. */
export async function startRawServer(answer: (socket: Socket, request: Buffer) => void): Promise<RawServer> {
  const connections: Socket[] = [];
  let reportClosed: () => void = () => undefined;
  const firstClosed = new Promise<void>((resolve) => (reportClosed = resolve));
  const server = createServer((socket) => {
    connections.push(socket);
    socket.on('error', () => undefined); // Clients that give up reset their connection.
    socket.on('close', reportClosed);
    socket.once('data', (request) => {
      answer(socket, request);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connections,
    firstClosed,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of connections) socket.destroy();
      await closed;
    },
  };
}

/** Writes `piece` again and again, as fast as the client reads, until the connection is closed. */
export function flood(socket: Socket, piece: string | Buffer): void {
  const pump = (): void => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on('drain', pump);
  pump();
}

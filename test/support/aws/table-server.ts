import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import dynalite from 'dynalite';

/** A DynamoDB (dynalite) on loopback and a free port: for tests over several processes. */
export interface TableServer {
  /** `http://127.0.0.1:<port>`: any credentials and any region will do. */
  readonly endpoint: string;
  close(): Promise<void>;
}

/**
 * @param options.createTableMs how long a new table takes; no time by default
 * @param options.path the folder of its files, which is made when missing; in memory without
 */
export async function startTableServer(
  options: { readonly createTableMs?: number; readonly path?: string } = {},
): Promise<TableServer> {
  if (options.path !== undefined) await mkdir(options.path, { recursive: true });
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0, ...options });
  // Dynalite throws, for the whole process, when a client goes away in the middle of a request.
  server.on('request', (request) => {
    request.removeAllListeners('error').on('error', () => request.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

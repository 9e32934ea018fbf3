import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import dynalite from 'dynalite';
import { lockFolder } from './folder-lock.ts';

export interface EmbeddedDynamoDb {
  /** `http://127.0.0.1:<port>`: any credentials and any region will do. */
  readonly endpoint: string;
  /** Ends what is under way, closes the files and frees the folder. Destroy the clients first. */
  stop(): Promise<void>;
}

export interface EmbeddedDynamoDbOptions {
  /** The data folder; the tables live in its `registry`. Made when missing. */
  readonly folder: string;
}

/**
 * A DynamoDB in this process (dynalite), on loopback and a free port, which keeps its tables on disk.
 * It has no transactions, no time to live and no ReturnValuesOnConditionCheckFailure.
 * @throws FolderInUse when another process works in the same folder.
 */
export async function startEmbeddedDynamoDb({ folder }: EmbeddedDynamoDbOptions): Promise<EmbeddedDynamoDb> {
  // Dynalite itself starts on a locked folder without a word and ends the process at the first request.
  const unlock = await lockFolder(folder, 'registry');
  const path = join(folder, 'registry');
  await mkdir(path, { recursive: true });
  const server = dynalite({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  // Dynalite throws, for the whole process, when a client goes away in the middle of a request.
  server.on('request', (request) => {
    request.removeAllListeners('error').on('error', () => request.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    async stop() {
      await new Promise<void>((resolve, reject) => {
        server.close((error) => {
          if (error === undefined || (error as Error | null) === null) resolve();
          else reject(error);
        });
      });
      await unlock();
    },
  };
}

import { join } from 'node:path';
import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { lockFolder } from '../store/folder-lock.ts';
import { inDataFolder } from '../store/open-data-folder.ts';
import { storageProblem } from '../store/storage-problem.ts';
import { openTableStore } from './table-store.ts';
import type { TableStore } from './table-store.ts';

export interface EmbeddedDynamoDb {
  /** What a client of this process is made with. The region stands for nothing, and the key is sent to nobody. */
  readonly client: Pick<Required<DynamoDBClientConfig>, 'requestHandler' | 'region' | 'credentials'>;
  /** Ends what is under way, closes the files and frees the folder. Destroy the clients first. */
  stop(): Promise<void>;
}

export interface EmbeddedDynamoDbOptions {
  /** The data folder; the tables live in its `registry`. Made when missing. */
  readonly folder: string;
}

/** What of a request of the SDK is needed here. */
interface SentRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

interface GivenAnswer {
  readonly response: {
    readonly statusCode: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Uint8Array;
  };
}

/**
 * A DynamoDB in this process (dynalite's store), which keeps its tables on disk. It listens nowhere: nobody but the
 * clients of this process can ask it anything. When the disk fails it answers with status 500, and goes on once the
 * disk does. It has no transactions, no time to live and no ReturnValuesOnConditionCheckFailure.
 * @throws FolderInUse when another process works in the same folder
 * @throws DataFolderProblem when the folder cannot be used
 */
export async function startEmbeddedDynamoDb({ folder }: EmbeddedDynamoDbOptions): Promise<EmbeddedDynamoDb> {
  const unlock = await lockFolder(folder, 'registry');
  try {
    const path = join(folder, 'registry');
    const tables = await inDataFolder(path, () => openTableStore(path));
    return {
      client: {
        requestHandler: { handle: (request: SentRequest) => answer(tables, { request, path }) },
        region: 'us-east-1',
        credentials: { accessKeyId: 'in-this-process', secretAccessKey: 'in-this-process' },
      },
      async stop() {
        await tables.close();
        await unlock();
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}

const textOf = (body: string | Uint8Array = ''): string =>
  typeof body === 'string' ? body : new TextDecoder().decode(body);

async function answer(
  tables: TableStore,
  { request, path }: { readonly request: SentRequest; readonly path: string },
): Promise<GivenAnswer> {
  const operation = request.headers['x-amz-target']?.split('.')[1] ?? '';
  const { status, body } = await tables.answer(operation, textOf(request.body)).catch((error: unknown) => ({
    status: 500,
    body: { __type: 'com.amazonaws.dynamodb.v20120810#InternalServerError', message: storageProblem(error, path) },
  }));
  const headers = { 'content-type': 'application/x-amz-json-1.0' };
  return { response: { statusCode: status, headers, body: Buffer.from(JSON.stringify(body)) } };
}

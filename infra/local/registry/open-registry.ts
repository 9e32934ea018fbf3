import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { startEmbeddedDynamoDb } from './embedded-dynamodb.ts';
import { ensureTables, WrongTable } from './ensure-tables.ts';
import { OptionError } from '../arguments.ts';
import type { LocalOptions } from '../options.ts';
import type { Stopping } from '../stopping.ts';
import { rebuildTables } from './rebuild-tables.ts';
import { tableDefinitions } from './table-definitions.ts';
import { tablesOf } from '../../../lambda/runtime/open-tables.ts';

export const tableNames = { targets: 'Targets', runs: 'Runs' } as const;

export interface LocalRegistry {
  readonly client: DynamoDBDocumentClient;
  /** Where it is, for a person. */
  readonly inWords: string;
}

/** The DynamoDB that the options name, or an embedded one in the data folder; its tables are there when it resolves. */
export async function openRegistry(options: LocalOptions, stopping: Stopping): Promise<LocalRegistry> {
  const { dynamoDbEndpoint: given, dataFolder } = options;
  const embedded = given === undefined ? await startEmbeddedDynamoDb({ folder: dataFolder }) : undefined;
  if (embedded !== undefined) stopping.add(() => embedded.stop());
  const client = new DynamoDBClient(embedded?.client ?? clientOf(given));
  stopping.add(() => {
    client.destroy();
  });
  const definitions = tableDefinitions(tableNames);
  if (embedded !== undefined) await rebuildTables(client, definitions);
  await ensureTables(client, definitions).catch((error: unknown) => {
    if (given === undefined || error instanceof WrongTable) throw error;
    const problem = error instanceof Error ? error.message : String(error);
    throw new OptionError(`DYNAMODB_ENDPOINT ${given} cannot be used: ${problem}`, { cause: error });
  });
  return {
    client: tablesOf(client),
    inWords: given ?? `${dataFolder}/registry`,
  };
}

function clientOf(endpoint: string | undefined): DynamoDBClientConfig {
  return {
    ...(endpoint !== undefined && { endpoint }),
    region: process.env['AWS_REGION'] ?? 'us-east-1',
    // DynamoDB Local and its like ask for some credentials and take any.
    ...(process.env['AWS_ACCESS_KEY_ID'] === undefined && {
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    }),
  };
}

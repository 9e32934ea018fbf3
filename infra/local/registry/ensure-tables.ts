import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DynamoDBClient,
  type KeySchemaElement,
  ResourceInUseException,
  ResourceNotFoundException,
  UpdateTableCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { missingIndexes } from './missing-indexes.ts';

/** How long a new table may take; DynamoDB itself takes some ten seconds. */
const maxWaitSeconds = 120;

/** A table stands there already under the same name, with other keys. The message names both. */
export class WrongTable extends Error {
  override readonly name = 'WrongTable';
}

/**
 * Makes the tables that are missing, in any DynamoDB, and waits (at most two minutes each) until all are ACTIVE.
 * Tables that are there keep their items; indexes that they lack are added, and filled by DynamoDB by and by.
 * @throws WrongTable when a table's keys differ from its definition.
 */
export async function ensureTables(
  client: DynamoDBClient,
  definitions: readonly CreateTableCommandInput[],
): Promise<void> {
  await Promise.all(definitions.map((definition) => ensureTable(client, definition)));
}

async function ensureTable(client: DynamoDBClient, definition: CreateTableCommandInput): Promise<void> {
  const { TableName } = definition;
  const wait = { client, maxWaitTime: maxWaitSeconds, minDelay: 1, maxDelay: 5 };
  if (!(await checkTable(client, definition))) {
    await createTable(client, definition);
    await waitUntilTableExists(wait, { TableName });
    await checkTable(client, definition);
  }
  if (await addIndexes(client, definition)) await waitUntilTableExists(wait, { TableName });
}

/** False when none was missing. */
async function addIndexes(client: DynamoDBClient, definition: CreateTableCommandInput): Promise<boolean> {
  const { TableName, AttributeDefinitions } = definition;
  const { Table = {} } = await client.send(new DescribeTableCommand({ TableName }));
  const updates = missingIndexes(definition, Table).map((Create) => ({ Create }));
  if (updates.length === 0) return false;
  await client.send(new UpdateTableCommand({ TableName, AttributeDefinitions, GlobalSecondaryIndexUpdates: updates }));
  return true;
}

/** Whether the table is there and ready. @throws WrongTable where its keys are others */
async function checkTable(client: DynamoDBClient, { TableName, KeySchema }: CreateTableCommandInput): Promise<boolean> {
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    const [wanted, found] = [keysOf(KeySchema), keysOf(Table?.KeySchema)];
    if (wanted !== found) {
      throw new WrongTable(`The table ${TableName ?? ''} has the keys ${found}; locust2influx needs ${wanted}.`);
    }
    return Table?.TableStatus === 'ACTIVE';
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return false;
    throw error;
  }
}

async function createTable(client: DynamoDBClient, definition: CreateTableCommandInput): Promise<void> {
  try {
    await client.send(new CreateTableCommand(definition));
  } catch (error) {
    // Someone else is making it at the same moment, or it is on its way.
    if (!(error instanceof ResourceInUseException)) throw error;
  }
}

function keysOf(schema: readonly KeySchemaElement[] | undefined): string {
  const keys = (schema ?? []).map(({ AttributeName, KeyType }) => `${AttributeName ?? ''} (${KeyType ?? ''})`);
  // HASH before RANGE.
  return keys.sort((a, b) => Number(a.endsWith('(RANGE)')) - Number(b.endsWith('(RANGE)'))).join(', ');
}

import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  PutItemCommand,
  ResourceNotFoundException,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import type { CreateTableCommandInput, DynamoDBClient, TableDescription } from '@aws-sdk/client-dynamodb';
import { missingIndexes } from './missing-indexes.ts';

/** Holds the items while their table is rebuilt. */
const copySuffix = '-copy';

/**
 * Rebuilds tables of an older version that lack an index, with all their items, where an index cannot be added to a
 * table that is there: in the embedded DynamoDB. Whenever it breaks off, the next start ends it: until the copy is
 * whole the old table stands, and from then on the copy counts. Nobody else may use the tables meanwhile.
 */
export async function rebuildTables(
  client: DynamoDBClient,
  definitions: readonly CreateTableCommandInput[],
): Promise<void> {
  for (const definition of definitions) await rebuildTable(client, definition);
}

async function rebuildTable(client: DynamoDBClient, definition: CreateTableCommandInput): Promise<void> {
  const name = definition.TableName ?? '';
  const copy = `${name}${copySuffix}`;
  const [table, copied] = [await describe(client, name), await describe(client, copy)];
  const isOld = table !== undefined && missingIndexes(definition, table).length > 0;
  if (!isOld && copied === undefined) return;
  if (isOld) {
    // A copy that is there broke off: what it has is all in the table.
    if (copied !== undefined) await client.send(new DeleteTableCommand({ TableName: copy }));
    await client.send(new CreateTableCommand({ ...definition, TableName: copy }));
    await copyItems(client, name, copy);
    await client.send(new DeleteTableCommand({ TableName: name }));
  }
  if (isOld || table === undefined) await client.send(new CreateTableCommand(definition));
  await copyItems(client, copy, name);
  await client.send(new DeleteTableCommand({ TableName: copy }));
}

async function describe(client: DynamoDBClient, name: string): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: name }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

async function copyItems(client: DynamoDBClient, from: string, to: string): Promise<void> {
  for await (const { Items = [] } of paginateScan({ client }, { TableName: from, ConsistentRead: true })) {
    for (const Item of Items) await client.send(new PutItemCommand({ TableName: to, Item }));
  }
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CreateTableCommandInput,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type EmbeddedDynamoDb, startEmbeddedDynamoDb } from '../../../infra/local/registry/embedded-dynamodb.ts';
import { ensureTables } from '../../../infra/local/registry/ensure-tables.ts';
import { startTableServer } from '../../support/aws/table-server.ts';

const shelf: CreateTableCommandInput = {
  TableName: 'Shelf',
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  BillingMode: 'PAY_PER_REQUEST',
};
const books: CreateTableCommandInput = {
  TableName: 'Books',
  KeySchema: [
    { AttributeName: 'shelf', KeyType: 'HASH' },
    { AttributeName: 'book', KeyType: 'RANGE' },
  ],
  AttributeDefinitions: [
    { AttributeName: 'shelf', AttributeType: 'S' },
    { AttributeName: 'book', AttributeType: 'S' },
  ],
  BillingMode: 'PAY_PER_REQUEST',
};

let folder = '';
const cleanUps: (() => Promise<unknown> | undefined)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'embedded-dynamodb-'));
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  await rm(folder, { recursive: true });
});

async function start(): Promise<{ db: EmbeddedDynamoDb; client: DynamoDBClient; stop(): Promise<void> }> {
  const db = await startEmbeddedDynamoDb({ folder });
  const client = new DynamoDBClient({ ...db.client, maxAttempts: 1 });
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    client.destroy();
    return (stopped ??= db.stop());
  };
  cleanUps.push(stop);
  return { db, client, stop };
}

test('tables are made when missing, are usable at once, and making them again changes nothing', async () => {
  const { client } = await start();

  await ensureTables(client, [shelf, books]);
  await client.send(new PutItemCommand({ TableName: 'Shelf', Item: { id: { S: 'a' } } }));
  await ensureTables(client, [shelf, books]);

  expect((await client.send(new GetItemCommand({ TableName: 'Shelf', Key: { id: { S: 'a' } } }))).Item).toEqual({
    id: { S: 'a' },
  });
  expect((await client.send(new DescribeTableCommand({ TableName: 'Books' }))).Table?.TableStatus).toBe('ACTIVE');
});

test('a table that takes its time is waited for', async () => {
  const slow = await startTableServer({ createTableMs: 300 });
  const client = new DynamoDBClient({
    endpoint: slow.endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  cleanUps.push(async () => {
    client.destroy();
    await slow.close();
  });

  await ensureTables(client, [shelf]);

  expect((await client.send(new DescribeTableCommand({ TableName: 'Shelf' }))).Table?.TableStatus).toBe('ACTIVE');
});

test('two who make the tables at the same moment both succeed', async () => {
  const { client } = await start();

  await Promise.all([ensureTables(client, [shelf, books]), ensureTables(client, [books, shelf])]);

  expect((await client.send(new DescribeTableCommand({ TableName: 'Shelf' }))).Table?.TableStatus).toBe('ACTIVE');
});

test('a table of the same name with other keys is refused by name', async () => {
  const { client } = await start();
  await ensureTables(client, [{ ...books, TableName: 'Shelf' }]);

  await expect(ensureTables(client, [shelf])).rejects.toThrow(
    'The table Shelf has the keys shelf (HASH), book (RANGE); locust2influx needs id (HASH).',
  );
});

test('what was written is there after a restart', async () => {
  const first = await start();
  await ensureTables(first.client, [shelf]);
  await first.client.send(new PutItemCommand({ TableName: 'Shelf', Item: { id: { S: 'kept' } } }));
  await first.stop();

  const { client } = await start();

  await ensureTables(client, [shelf]);
  expect(
    (await client.send(new GetItemCommand({ TableName: 'Shelf', Key: { id: { S: 'kept' } } }))).Item,
  ).toBeDefined();
});

test('a second one in the same folder fails and says so, and the first goes on', async () => {
  const { client } = await start();
  await ensureTables(client, [shelf]);

  await expect(startEmbeddedDynamoDb({ folder })).rejects.toThrow(
    `The data folder ${folder} is in use by another locust2influx. ` +
      'Stop that one first, or give this one a folder of its own with --data.',
  );

  await client.send(new PutItemCommand({ TableName: 'Shelf', Item: { id: { S: 'a' } } }));
});

test('it listens nowhere: no port, no socket, nothing another program could ask', async () => {
  const handles = (): string[] => process.getActiveResourcesInfo().filter((each) => each.endsWith('Wrap'));
  const before = handles();

  const { client } = await start();
  await ensureTables(client, [shelf]);

  expect(handles()).toEqual(before);
});

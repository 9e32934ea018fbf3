import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CreateTableCommandInput,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type EmbeddedDynamoDb, startEmbeddedDynamoDb } from '../../infra/local/embedded-dynamodb.ts';
import { ensureTables } from '../../infra/local/ensure-tables.ts';

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
  const client = new DynamoDBClient({
    endpoint: db.endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
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
  const slow = dynalite({ createTableMs: 300 }).listen(0, '127.0.0.1');
  await once(slow, 'listening');
  const { port } = slow.address() as AddressInfo;
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  cleanUps.push(async () => {
    client.destroy();
    slow.close();
    await once(slow, 'close');
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

test('a second one in the same folder is told so, and the first goes on', async () => {
  const { client } = await start();
  await ensureTables(client, [shelf]);

  await expect(startEmbeddedDynamoDb({ folder })).rejects.toThrow(
    `The data folder ${folder} is in use by another locust2influx. ` +
      'Stop that one first, or give this one a folder of its own with --data.',
  );

  await client.send(new PutItemCommand({ TableName: 'Shelf', Item: { id: { S: 'a' } } }));
});

test('the folder of a killed process is free again and holds what that one wrote', async () => {
  const script = `
    import { startEmbeddedDynamoDb } from ${JSON.stringify(new URL('../../infra/local/embedded-dynamodb.ts', import.meta.url).href)};
    console.log((await startEmbeddedDynamoDb({ folder: process.argv[1] })).endpoint);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [endpoint] = (await once(child.stdout, 'data')) as [Buffer];
  const client = new DynamoDBClient({
    endpoint: String(endpoint).trim(),
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  await ensureTables(client, [shelf]);
  await client.send(new PutItemCommand({ TableName: 'Shelf', Item: { id: { S: 'kept' } } }));
  await expect(startEmbeddedDynamoDb({ folder })).rejects.toThrow('is in use');
  child.kill('SIGKILL');
  await once(child, 'exit');
  client.destroy();

  const after = await start();

  expect(
    (await after.client.send(new GetItemCommand({ TableName: 'Shelf', Key: { id: { S: 'kept' } } }))).Item,
  ).toBeDefined();
});

test('a client that goes away in the middle of a request leaves the others served', async () => {
  const { db, client } = await start();
  const socket = connect(Number(new URL(db.endpoint).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: 100\r\n\r\n{',
  );
  await ensureTables(client, [shelf]);
  socket.resetAndDestroy();

  await client.send(new PutItemCommand({ TableName: 'Shelf', Item: { id: { S: 'a' } } }));
  await client.send(new GetItemCommand({ TableName: 'Shelf', Key: { id: { S: 'a' } } }));
});

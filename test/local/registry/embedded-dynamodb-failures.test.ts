import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CreateTableCommandInput, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type EmbeddedDynamoDb, startEmbeddedDynamoDb } from '../../../infra/local/registry/embedded-dynamodb.ts';
import { ensureTables } from '../../../infra/local/registry/ensure-tables.ts';
import { runner } from '../../support/rigs/typescript-program.ts';

const shelf: CreateTableCommandInput = {
  TableName: 'Shelf',
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
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

/** Runs a program with an embedded registry in the test's folder. @returns it, once it has said something */
async function startProgram(doing: string): Promise<{ child: ChildProcess; said: () => string }> {
  const program = join(import.meta.dirname, '../programs/embedded-dynamodb.ts');
  const args = ['-c', `trap '' XFSZ; exec "$0" "$@"`, process.execPath, runner, program, folder, doing];
  const child = spawn('/bin/sh', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (data: Buffer) => (said += String(data)));
  await Promise.race([once(child.stdout, 'data'), once(child, 'close')]);
  return { child, said: () => said };
}

const itemOf = async (client: DynamoDBClient, id: string): Promise<unknown> =>
  (await client.send(new GetItemCommand({ TableName: 'Shelf', Key: { id: { S: id } } }))).Item;

test('the folder of a killed process is free again and holds what that one wrote', async () => {
  const { child } = await startProgram('waits');
  await expect(startEmbeddedDynamoDb({ folder })).rejects.toThrow('is in use');
  child.kill('SIGKILL');
  await once(child, 'exit');

  const after = await start();

  expect(await itemOf(after.client, 'kept')).toBeDefined();
});

test.each([
  ['null', 'null'],
  ['a list', '[]'],
  ['a text', '"x"'],
  ['an empty object', '{}'],
  ['nothing', ''],
  ['half a body', '{"TableName":'],
  ['a name that is none', '{"TableName":7}'],
  ['a value that is none', '{"TableName":"Shelf","Item":{"id":null}}'],
])('a body of %s is answered, and the next request too', async (_what, body) => {
  const { db, client } = await start();
  await ensureTables(client, [shelf]);
  const handler = db.client.requestHandler as {
    handle(request: object): Promise<{ response: { statusCode: number } }>;
  };

  for (const operation of ['PutItem', 'Query', 'BatchWriteItem', 'constructor', '']) {
    const headers = { 'x-amz-target': `DynamoDB_20120810.${operation}` };
    const { response } = await handler.handle({ headers, body });
    expect([400, 500]).toContain(response.statusCode);
  }

  await client.send(new PutItemCommand({ TableName: 'Shelf', Item: { id: { S: 'a' } } }));
  expect(await itemOf(client, 'a')).toBeDefined();
});

test('a full disk is an answer in plain words; the process lives, and what was written before is there', async () => {
  const { child, said } = await startProgram('fills');
  if (child.exitCode === null) await once(child, 'close');

  expect(said()).toMatch(/lived; InternalServerError \S+registry cannot be used: the disk is full/);
  expect(child.exitCode).toBe(0);
  const { client } = await start();
  expect(await itemOf(client, 'first')).toBeDefined();
});

test('once the disk has room again, it takes what is written', async () => {
  const { child, said } = await startProgram('refills');
  if (child.exitCode === null) await once(child, 'close');

  expect(said()).toMatch(/registry cannot be used: the disk is full/);
  // Meanwhile what is there can be read.
  expect(said()).not.toContain('cannot read');
  const { client } = await start();
  expect(await itemOf(client, 'before')).toBeDefined();
  expect(await itemOf(client, 'after')).toBeDefined();
});

test('damaged files are an answer in plain words, too, and the process lives', async () => {
  const { child, said } = await startProgram('damages');
  if (child.exitCode === null) await once(child, 'close');

  expect(said()).toMatch(/lived; InternalServerError \S+registry cannot be used: its files are damaged/);
  expect(child.exitCode).toBe(0);
});

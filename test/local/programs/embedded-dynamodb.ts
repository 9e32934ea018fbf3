// Works with an embedded DynamoDB in a folder, and prints what came of it: FOLDER, and `waits`, `fills`, `refills` or `damages`.
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient, GetItemCommand, ListTablesCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { startEmbeddedDynamoDb } from '../../../infra/local/registry/embedded-dynamodb.ts';
import { ensureTables } from '../../../infra/local/registry/ensure-tables.ts';

const [, , folder = '', doing = ''] = process.argv;
const database = await startEmbeddedDynamoDb({ folder });
const client = new DynamoDBClient({ ...database.client, maxAttempts: 1 });
await ensureTables(client, [
  {
    TableName: 'Shelf',
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    BillingMode: 'PAY_PER_REQUEST',
  },
]);

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** @returns what it failed with, undefined where it was taken */
async function put(id: string, text = ''): Promise<string | undefined> {
  try {
    await client.send(new PutItemCommand({ TableName: 'Shelf', Item: { id: { S: id }, text: { S: text } } }));
    return undefined;
  } catch (error) {
    return inWords(error);
  }
}

const inWords = (error: unknown): string => (error instanceof Error ? `${error.name} ${error.message}` : 'no error');

/** The system's limit for one file stands for a disk that is full. Its parent has it ignore the signal. */
const limitFiles = (bytes: number | 'unlimited'): void => {
  execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:unlimited`]);
};

async function fill(): Promise<void> {
  await put('first');
  limitFiles(500_000);
  let refused: string | undefined;
  for (let n = 0; refused === undefined && n < 500; n += 1) refused = await put(`filler-${n}`, 'x'.repeat(20_000));
  await put('more', 'x'.repeat(20_000));
  await database.stop().catch(() => undefined);
  say(`lived; ${refused ?? 'all taken'}`);
}

async function refill(): Promise<void> {
  await put('before');
  limitFiles(0);
  const refused = await put('while');
  const { Item: read } = await client.send(new GetItemCommand({ TableName: 'Shelf', Key: { id: { S: 'before' } } }));
  if (read === undefined) say('cannot read');
  limitFiles('unlimited');
  await put('after');
  await database.stop();
  say(refused ?? 'all taken');
}

/** Of files that cannot be read dynalite's store throws from a callback, where nobody could catch it. */
async function damage(): Promise<void> {
  for (let n = 0; n < 900; n += 1) await put(`book-${n}`, `${'x'.repeat(10_000)}${n}`);
  const registry = join(folder, 'registry');
  for (const name of readdirSync(registry).filter((each) => each.endsWith('.ldb'))) {
    writeFileSync(join(registry, name), Buffer.alloc(statSync(join(registry, name)).size, 7));
  }
  const listed = await client.send(new ListTablesCommand({})).then(() => 'listed', inWords);
  await database.stop().catch(() => undefined);
  say(`lived; ${listed}`);
}

if (doing === 'damages') await damage();
else if (doing === 'fills') await fill();
else if (doing === 'refills') await refill();
else {
  await put('kept');
  say('ready');
  setInterval(() => undefined, 1_000);
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEmbeddedDynamoDb } from '../../../infra/local/registry/embedded-dynamodb.ts';
import type { EmbeddedDynamoDb } from '../../../infra/local/registry/embedded-dynamodb.ts';
import { ensureTables } from '../../../infra/local/registry/ensure-tables.ts';
import { rebuildTables } from '../../../infra/local/registry/rebuild-tables.ts';
import { tableDefinitions } from '../../../infra/local/registry/table-definitions.ts';
import { createTargets } from '../../../lambda/targets/targets.ts';

const definitions = tableDefinitions({ targets: 'Targets', runs: 'Runs' });
/** The tables as versions without an index made them. */
const oldDefinitions = definitions.map(({ TableName, KeySchema, BillingMode, AttributeDefinitions = [] }) => ({
  ...{ TableName, KeySchema, BillingMode },
  AttributeDefinitions: AttributeDefinitions.filter(({ AttributeName }) =>
    KeySchema?.some((key) => key.AttributeName === AttributeName),
  ),
}));
const ids = Array.from({ length: 30 }, (_, index) => `target-${index}`);
const made = '2026-11-01T00:00:00.000Z';

let folder: string;
let database: EmbeddedDynamoDb;
let plain: DynamoDBClient;
const clients: DynamoDBClient[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'locust2influx-rebuild-'));
  database = await startEmbeddedDynamoDb({ folder });
  plain = openClient();
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await database.stop();
  await rm(folder, { recursive: true });
});

function openClient(): DynamoDBClient {
  const client = new DynamoDBClient(database.client);
  clients.push(client);
  return client;
}

async function putOldTargets(): Promise<void> {
  await ensureTables(plain, oldDefinitions);
  const client = DynamoDBDocumentClient.from(plain);
  for (const id of ids) {
    const Item = { id, url: 'http://h:1', project: 'p', createdAt: made, updatedAt: made, version: 1, note: { id } };
    await client.send(new PutCommand({ TableName: 'Targets', Item }));
  }
}

/** A client that is cut off after so many writes, as when the process is killed. */
function cutOffAfter(writes: number): DynamoDBClient {
  const client = openClient();
  let left = writes;
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) => {
        const isWrite = /^(?:CreateTable|DeleteTable|PutItem)/.test(commandName);
        if (isWrite && left === 0) return Promise.reject(new Error('killed'));
        if (isWrite) left -= 1;
        return next(args);
      },
    { step: 'initialize' },
  );
  return client;
}

async function expectAllThere(): Promise<void> {
  const client = DynamoDBDocumentClient.from(plain);
  const { Items = [] } = await client.send(new ScanCommand({ TableName: 'Targets' }));
  expect(Items.map(({ id }) => String(id)).toSorted()).toEqual(ids.toSorted());
  expect(Items[0]).toMatchObject({ note: { id: Items[0]?.['id'] as string } });
  const targets = createTargets(client, 'Targets');
  const share = { shard: 0, shards: 1 };
  await targets.adoptStrays(share, { after: undefined, nowMs: Date.parse(made) });
  expect((await targets.readWatched(share)).targets).toHaveLength(ids.length);
}

describe('a data folder of a version whose tables had no index', () => {
  it('is brought up to date at the start, with all that is in it, and once', async () => {
    await putOldTargets();

    await rebuildTables(plain, definitions);
    await ensureTables(plain, definitions);
    await expectAllThere();
    await rebuildTables(cutOffAfter(0), definitions);
  });

  // One table made, 30 items, one removed, one made, 30 items, one removed.
  it.each([0, 1, 15, 31, 32, 33, 50, 63])('loses nothing when it breaks off after %i writes', async (writes) => {
    await putOldTargets();
    await expect(rebuildTables(cutOffAfter(writes), definitions)).rejects.toThrow('killed');

    await rebuildTables(plain, definitions);
    await ensureTables(plain, definitions);

    await expectAllThere();
  });
});

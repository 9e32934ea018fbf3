import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { BatchWriteCommand, GetCommand, PutCommand, QueryCommand, DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { startEmbeddedDynamoDb } from '../../../infra/local/registry/embedded-dynamodb.ts';
import { ensureTables } from '../../../infra/local/registry/ensure-tables.ts';
import { tableDefinitions } from '../../../infra/local/registry/table-definitions.ts';
import { createRuns } from '../../../lambda/runs/records/runs.ts';
import type { RunRecords } from '../../../lambda/runs/records/runs.ts';
import { createTargets } from '../../../lambda/targets/targets.ts';
import type { Targets } from '../../../lambda/targets/targets.ts';
import { createClaims } from '../../../lambda/windows/claims.ts';
import type { Claims } from '../../../lambda/windows/claims.ts';
import { createWindows } from '../../../lambda/windows/last-windows.ts';
import type { Windows } from '../../../lambda/windows/last-windows.ts';
import { tablesOf } from '../../../lambda/runtime/open-tables.ts';

export type Item = Record<string, unknown>;

/** The two tables in a DynamoDB of the test's own. */
export interface TestRegistry {
  readonly client: DynamoDBDocumentClient;
  /** For windows that hand over, as on AWS and with `npm start`. */
  readonly claims: Claims;
  readonly targets: Targets;
  readonly runs: RunRecords;
  readonly windows: Windows;
  /** Puts an item as it is, whether it fits the schema or not; what a target needs is there by default, its place in the index as well. */
  putTarget(item: Item): Promise<void>;
  /** The same for many at once. */
  putTargets(items: readonly Item[]): Promise<void>;
  deleteTarget(id: string): Promise<void>;
  target(id: string): Promise<Item | undefined>;
  /** The runs on record, oldest first. */
  runsOf(target: string): Promise<Item[]>;
  close(): Promise<void>;
}

/** DynamoDB's own limit. */
const maxBatch = 25;
const made = '2026-11-01T00:00:00.000Z';
const itemOf = (item: Item): Item => ({
  ...{ project: 'shop', createdAt: made, updatedAt: made, version: 1, watched: item['id'] },
  ...item,
});

const names = { targets: 'Targets', runs: 'Runs' };

/** Starts one (dynalite), or makes the tables in the DynamoDB at `endpoint`. */
export async function startRegistry(endpoint?: string): Promise<TestRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'locust2influx-registry-'));
  const embedded = endpoint === undefined ? await startEmbeddedDynamoDb({ folder }) : undefined;
  const elsewhere = {
    endpoint: endpoint ?? '',
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const plain = new DynamoDBClient(embedded?.client ?? elsewhere);
  await ensureTables(plain, tableDefinitions(names));
  const client = tablesOf(plain);
  return {
    client,
    targets: createTargets(client, names.targets),
    // None is removed: how often the table is asked does not depend on chance.
    runs: createRuns(client, names.runs, { maxRuns: Infinity, random: () => 0.5 }),
    claims: createClaims(client, names.runs),
    windows: createWindows(client, names.runs),
    async putTarget(item) {
      await client.send(new PutCommand({ TableName: names.targets, Item: itemOf(item) }));
    },
    async putTargets(items) {
      for (let first = 0; first < items.length; first += maxBatch) {
        const requests = items.slice(first, first + maxBatch).map((item) => ({ PutRequest: { Item: itemOf(item) } }));
        await client.send(new BatchWriteCommand({ RequestItems: { [names.targets]: requests } }));
      }
    },
    async deleteTarget(id) {
      await client.send(new DeleteCommand({ TableName: names.targets, Key: { id } }));
    },
    async target(id) {
      const answer = await client.send(new GetCommand({ TableName: names.targets, Key: { id }, ConsistentRead: true }));
      return answer.Item;
    },
    async runsOf(target) {
      const answer = await client.send(
        new QueryCommand({
          TableName: names.runs,
          KeyConditionExpression: 'target = :target',
          ExpressionAttributeValues: { ':target': target },
          ConsistentRead: true,
        }),
      );
      return (answer.Items ?? []).map((item) => ({
        ...item,
        timeline: JSON.parse(String(item['timeline'])) as unknown,
      }));
    },
    async close() {
      plain.destroy();
      await embedded?.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

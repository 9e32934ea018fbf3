import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { startEmbeddedDynamoDb } from '../../infra/local/embedded-dynamodb.ts';
import { ensureTables } from '../../infra/local/ensure-tables.ts';
import { tableDefinitions } from '../../infra/local/table-definitions.ts';
import { createRuns } from '../../lambda/registry/runs.ts';
import type { RunRecords } from '../../lambda/registry/runs.ts';
import { createTargets } from '../../lambda/registry/targets.ts';
import type { Targets } from '../../lambda/registry/targets.ts';
import { createWindows } from '../../lambda/registry/windows.ts';
import type { Windows } from '../../lambda/registry/windows.ts';

export type Item = Record<string, unknown>;

/** The two tables in a DynamoDB of the test's own. */
export interface TestRegistry {
  readonly client: DynamoDBDocumentClient;
  readonly targets: Targets;
  readonly runs: RunRecords;
  readonly windows: Windows;
  /** Puts an item as it is, whether it fits the schema or not; what a target needs is there by default. */
  putTarget(item: Item): Promise<void>;
  deleteTarget(id: string): Promise<void>;
  target(id: string): Promise<Item | undefined>;
  /** The runs on record, oldest first. */
  runsOf(target: string): Promise<Item[]>;
  close(): Promise<void>;
}

const names = { targets: 'Targets', runs: 'Runs' };

/** Starts one (dynalite), or makes the tables in the DynamoDB at `endpoint`. */
export async function startRegistry(endpoint?: string): Promise<TestRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'locust2influx-registry-'));
  const embedded = endpoint === undefined ? await startEmbeddedDynamoDb({ folder }) : undefined;
  const plain = new DynamoDBClient({
    endpoint: embedded?.endpoint ?? endpoint ?? '',
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  await ensureTables(plain, tableDefinitions(names));
  const client = DynamoDBDocumentClient.from(plain, { marshallOptions: { removeUndefinedValues: true } });
  return {
    client,
    targets: createTargets(client, names.targets),
    runs: createRuns(client, names.runs),
    windows: createWindows(client, names.runs),
    async putTarget(item) {
      const made = '2026-11-01T00:00:00.000Z';
      const defaults = { project: 'shop', createdAt: made, updatedAt: made, version: 1 };
      await client.send(new PutCommand({ TableName: names.targets, Item: { ...defaults, ...item } }));
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

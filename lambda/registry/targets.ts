import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { unfitProblem } from './leftover.ts';
import { storedTarget } from './target.ts';
import type { Target, TargetStatus } from './target.ts';

/** An item of the table that is no target (any more): reported and left alone. */
export interface UnfitTarget {
  readonly id: string;
  readonly problem: string;
}

export interface ScannedTargets {
  readonly targets: readonly Target[];
  readonly unfit: readonly UnfitTarget[];
}

/** Which part of the table one collector reads: segment `shard` of `shards`. */
export interface Share {
  readonly shard: number;
  readonly shards: number;
}

/** What became of a status: written; the target is gone; or another window has moved the run on, and how. */
export type StatusWrite =
  { readonly result: 'written' | 'gone' } | { readonly result: 'conflict'; readonly status: TargetStatus | undefined };

export interface Targets {
  /** All targets of one share; parts of the table without overlap or gap. Rejects when DynamoDB does. */
  scan(share: Share): Promise<ScannedTargets>;
  /**
   * Writes the status alone, where the target still exists and its run is `knownRun` (undefined: in no run),
   * so that of two windows that see the same start or end only one makes it.
   */
  writeStatus(id: string, status: TargetStatus, knownRun: string | undefined): Promise<StatusWrite>;
}

/** The `Targets` table. @param table its name */
export function createTargets(client: DynamoDBDocumentClient, table: string): Targets {
  return {
    scan: (share) => scan(client, table, share),
    writeStatus: (id, status, knownRun) => writeStatus({ client, table, id, status, knownRun }),
  };
}

async function scan(client: DynamoDBDocumentClient, table: string, share: Share): Promise<ScannedTargets> {
  const targets: Target[] = [];
  const unfit: UnfitTarget[] = [];
  let startKey: Record<string, unknown> | undefined;
  do {
    const page = await client.send(
      new ScanCommand({
        TableName: table,
        ...(share.shards > 1 && { Segment: share.shard, TotalSegments: share.shards }),
        ...(startKey !== undefined && { ExclusiveStartKey: startKey }),
      }),
    );
    for (const item of page.Items ?? []) {
      const parsed = storedTarget.safeParse(item);
      if (parsed.success) targets.push(parsed.data);
      else unfit.push({ id: String(item['id']), problem: unfitProblem(item, parsed.error) });
    }
    startKey = page.LastEvaluatedKey;
  } while (startKey !== undefined);
  return { targets, unfit };
}

interface StatusUpdate {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  readonly id: string;
  readonly status: TargetStatus;
  readonly knownRun: string | undefined;
}

async function writeStatus(update: StatusUpdate): Promise<StatusWrite> {
  const { client, table, id, status, knownRun } = update;
  const sameRun = knownRun === undefined ? 'attribute_not_exists(#status.#run)' : '#status.#run = :knownRun';
  try {
    await client.send(
      new UpdateCommand({
        TableName: table,
        Key: { id },
        UpdateExpression: 'SET #status = :status',
        ConditionExpression: `attribute_exists(id) AND ${sameRun}`,
        ExpressionAttributeNames: { '#status': 'status', '#run': 'run' },
        ExpressionAttributeValues: { ':status': status, ...(knownRun !== undefined && { ':knownRun': knownRun }) },
      }),
    );
    return { result: 'written' };
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return conflict(update);
    throw error;
  }
}

/** Asks again rather than for the item with the refusal, which not every DynamoDB gives. */
async function conflict({ client, table, id }: StatusUpdate): Promise<StatusWrite> {
  const { Item: item } = await client.send(new GetCommand({ TableName: table, Key: { id }, ConsistentRead: true }));
  if (item === undefined) return { result: 'gone' };
  const parsed = storedTarget.safeParse(item);
  return { result: 'conflict', status: parsed.success ? parsed.data.status : undefined };
}

import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBDocumentClient, PutCommandInput } from '@aws-sdk/lib-dynamodb';
import pLimit from 'p-limit';
import { runIdAt } from '../runs/run.ts';
import type { Run } from '../runs/run.ts';
import { fromStored, parseRunItem, toRunItem } from './stored-run.ts';
import type { RunItem, RunOwner } from './stored-run.ts';

export interface RunKey {
  readonly target: string;
  readonly run: string;
}

export interface Runs {
  /** The runs under these keys by target; those that are not there, or fit no more, are left out. Rejects when DynamoDB does. */
  read(keys: readonly RunKey[]): Promise<ReadonlyMap<string, Run>>;
  /**
   * Puts the run as it is now. False when it is on record with a later sample, or with another end, and stays so.
   * Rejects when DynamoDB does.
   */
  save(run: Run, owner: RunOwner): Promise<boolean>;
  /**
   * Puts the run where its record still is as it was read, `before`; undefined: where there is none. False where it
   * is not. Rejects when DynamoDB does.
   */
  replace(run: Run, owner: RunOwner, before: Run | undefined): Promise<boolean>;
}

/** For whoever has to find out which run an instant belongs to. */
export interface RunRecords extends Runs {
  /** The newest run of a target that began no later than an instant, ended or not. Rejects when DynamoDB does. */
  newest(target: string, noLaterThanMs: number): Promise<Run | undefined>;
}

/** DynamoDB's limit for one BatchGetItem. */
const maxKeysPerRead = 100;
/** A thousand runs are read well within a second. */
const maxReadsAtOnce = 4;
/** A table that gives nothing so often in a row is throttled beyond what a window can wait for. */
const maxEmptyAnswers = 5;

/** The `Runs` table. @param table its name */
export function createRuns(client: DynamoDBDocumentClient, table: string): RunRecords {
  return {
    read: (keys) => read(client, table, keys),
    save: (run, owner) => save(client, table, toRunItem(run, owner)),
    newest: (target, noLaterThanMs) => newest(client, table, { target, run: runIdAt(noLaterThanMs) }),
    replace: (run, owner, before) => put(client, table, { Item: toRunItem(run, owner), ...asItWas(before) }),
  };
}

async function read(
  client: DynamoDBDocumentClient,
  table: string,
  keys: readonly RunKey[],
): Promise<ReadonlyMap<string, Run>> {
  const batches = Array.from({ length: Math.ceil(keys.length / maxKeysPerRead) }, (_, index) =>
    keys.slice(index * maxKeysPerRead, (index + 1) * maxKeysPerRead),
  );
  const reading = pLimit(maxReadsAtOnce);
  const read = await reading.map(batches, (batch) => readBatch(client, table, batch));
  return new Map(read.flat());
}

async function readBatch(
  client: DynamoDBDocumentClient,
  table: string,
  keys: readonly RunKey[],
): Promise<readonly (readonly [target: string, run: Run])[]> {
  const runs: [string, Run][] = [];
  let waiting = keys.map(({ target, run }): Record<string, unknown> => ({ target, run }));
  for (let emptyAnswers = 0; waiting.length > 0;) {
    const request = { [table]: { Keys: waiting, ConsistentRead: true } };
    const answer = await client.send(new BatchGetCommand({ RequestItems: request }));
    for (const item of answer.Responses?.[table] ?? []) {
      const stored = parseRunItem(item);
      if (stored !== undefined) runs.push([stored.target, fromStored(stored)]);
    }
    // What DynamoDB had no room for in its 16 MB answer comes next.
    const unprocessed = answer.UnprocessedKeys?.[table]?.Keys ?? [];
    emptyAnswers = unprocessed.length === waiting.length ? emptyAnswers + 1 : 0;
    if (emptyAnswers === maxEmptyAnswers) throw new Error(`DynamoDB gave none of ${waiting.length} runs`);
    waiting = unprocessed;
  }
  return runs;
}

async function save(client: DynamoDBDocumentClient, table: string, item: RunItem): Promise<boolean> {
  const isFirstEnd = {
    ConditionExpression: 'attribute_not_exists(endedAt) OR endedAt = :endedAt',
    ExpressionAttributeValues: { ':endedAt': item.endedAt },
  };
  const isNewest = {
    ConditionExpression: 'attribute_not_exists(#run) OR (attribute_not_exists(endedAt) AND lastGoodAt <= :lastGoodAt)',
    ExpressionAttributeNames: { '#run': 'run' },
    ExpressionAttributeValues: { ':lastGoodAt': item.lastGoodAt },
  };
  return put(client, table, { Item: item, ...(item.endedAt === undefined ? isNewest : isFirstEnd) });
}

/** The condition that nobody has written the record since it was read. */
function asItWas(before: Run | undefined): Omit<PutCommandInput, 'TableName' | 'Item'> {
  if (before === undefined) {
    return { ConditionExpression: 'attribute_not_exists(#run)', ExpressionAttributeNames: { '#run': 'run' } };
  }
  const { lastGoodAtMs, ended } = before;
  return {
    ConditionExpression: `lastGoodAt = :was AND ${ended === undefined ? 'attribute_not_exists(endedAt)' : 'endedAt = :end'}`,
    ExpressionAttributeValues: {
      ':was': new Date(lastGoodAtMs).toISOString(),
      ...(ended !== undefined && { ':end': new Date(ended.atMs).toISOString() }),
    },
  };
}

/** @returns false when the condition does not hold */
async function put(
  client: DynamoDBDocumentClient,
  table: string,
  item: Omit<PutCommandInput, 'TableName'>,
): Promise<boolean> {
  try {
    await client.send(new PutCommand({ TableName: table, ...item }));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** Items that fit no more are passed over, a few of them. */
const newestLooked = 5;

async function newest(client: DynamoDBDocumentClient, table: string, key: RunKey): Promise<Run | undefined> {
  const { Items: items = [] } = await client.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: '#target = :target AND #run <= :run',
      ExpressionAttributeNames: { '#target': 'target', '#run': 'run' },
      ExpressionAttributeValues: { ':target': key.target, ':run': key.run },
      ScanIndexForward: false,
      ConsistentRead: true,
      Limit: newestLooked,
    }),
  );
  const stored = items.map(parseRunItem).find((item) => item !== undefined);
  return stored && fromStored(stored);
}

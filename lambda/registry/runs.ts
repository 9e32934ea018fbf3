import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Run } from '../runs/run.ts';
import { fromStored, storedRun, toStored } from './stored-run.ts';
import type { RunOwner, StoredRun } from './stored-run.ts';

export interface RunKey {
  readonly target: string;
  readonly run: string;
}

export interface Runs {
  /** The runs under these keys by target; those that are not there, or fit no more, are left out. Rejects when DynamoDB does. */
  read(keys: readonly RunKey[]): Promise<ReadonlyMap<string, Run>>;
  /** Puts the run as it is now, unless it is on record as ended, or with a later sample. Rejects when DynamoDB does. */
  save(run: Run, owner: RunOwner): Promise<void>;
}

/** DynamoDB's limit for one BatchGetItem. */
const maxKeysPerRead = 100;
/** A table that gives nothing so often in a row is throttled beyond what a window can wait for. */
const maxEmptyAnswers = 5;

/** The `Runs` table. @param table its name */
export function createRuns(client: DynamoDBDocumentClient, table: string): Runs {
  return {
    read: (keys) => read(client, table, keys),
    save: (run, owner) => save(client, table, toStored(run, owner)),
  };
}

async function read(
  client: DynamoDBDocumentClient,
  table: string,
  keys: readonly RunKey[],
): Promise<ReadonlyMap<string, Run>> {
  const runs = new Map<string, Run>();
  let waiting = keys.map(({ target, run }): Record<string, unknown> => ({ target, run }));
  for (let emptyAnswers = 0; waiting.length > 0;) {
    const batch = waiting.slice(0, maxKeysPerRead);
    const answer = await client.send(new BatchGetCommand({ RequestItems: { [table]: { Keys: batch } } }));
    for (const item of answer.Responses?.[table] ?? []) {
      const stored = storedRun.safeParse(item);
      if (stored.success) runs.set(stored.data.target, fromStored(stored.data));
    }
    // What DynamoDB had no room for in its 16 MB answer comes next.
    const unprocessed = answer.UnprocessedKeys?.[table]?.Keys ?? [];
    emptyAnswers = unprocessed.length === batch.length ? emptyAnswers + 1 : 0;
    if (emptyAnswers === maxEmptyAnswers) throw new Error(`DynamoDB gave none of ${batch.length} runs`);
    waiting = [...unprocessed, ...waiting.slice(maxKeysPerRead)];
  }
  return runs;
}

async function save(client: DynamoDBDocumentClient, table: string, item: StoredRun): Promise<void> {
  const isNewest = {
    ConditionExpression: 'attribute_not_exists(#run) OR (attribute_not_exists(endedAt) AND lastGoodAt <= :lastGoodAt)',
    ExpressionAttributeNames: { '#run': 'run' },
    ExpressionAttributeValues: { ':lastGoodAt': item.lastGoodAt },
  };
  try {
    await client.send(
      new PutCommand({ TableName: table, Item: item, ...(item.endedAt === undefined ? isNewest : {}) }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

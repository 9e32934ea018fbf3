import { DeleteCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import pLimit from 'p-limit';
import { resultsOf } from './run-results.ts';

/** So many runs of a target stay on record, the newest: more than two a day for a year. */
export const maxRunsPerTarget = 1_000;
/** The runs before are looked through at the start of one run in so many: it reads all of them. */
const removedEveryRuns = 50;
/** More than come between two times; the rest goes the next time. */
const maxRemovedAtOnce = 200;
const maxDeletesAtOnce = 8;

export interface RunLimit {
  readonly maxRuns: number;
  /** A random number from 0 to below 1. */
  readonly random: () => number;
}

/**
 * Removes a target's runs beyond the newest, with their final figures, every now and then: by chance, so that nobody can
 * choose runs at which it is not done. Rejects when DynamoDB does.
 */
export async function removeOldestRuns(
  client: DynamoDBDocumentClient,
  place: { readonly table: string; readonly target: string },
  { maxRuns, random }: RunLimit,
): Promise<void> {
  if (random() >= 1 / removedEveryRuns) return;
  const { table, target } = place;
  const runs = await runsBeyond(client, place, maxRuns);
  const deleting = pLimit(maxDeletesAtOnce);
  // The figures first: a run whose record is gone is not looked for again.
  await deleting.map(runs, async (run) => {
    for (const key of [
      { target: resultsOf(target), run },
      { target, run },
    ]) {
      await client.send(new DeleteCommand({ TableName: table, Key: key }));
    }
  });
}

async function runsBeyond(
  client: DynamoDBDocumentClient,
  { table, target }: { readonly table: string; readonly target: string },
  maxRuns: number,
): Promise<readonly string[]> {
  const runs: string[] = [];
  let startKey: Record<string, unknown> | undefined;
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: '#target = :target',
        ProjectionExpression: '#run',
        ExpressionAttributeNames: { '#target': 'target', '#run': 'run' },
        ExpressionAttributeValues: { ':target': target },
        ScanIndexForward: false,
        ...(startKey !== undefined && { ExclusiveStartKey: startKey }),
      }),
    );
    for (const { run } of page.Items ?? []) runs.push(String(run));
    startKey = page.LastEvaluatedKey;
  } while (startKey !== undefined && runs.length < maxRuns + maxRemovedAtOnce);
  return runs.slice(maxRuns, maxRuns + maxRemovedAtOnce);
}

import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBDocumentClient, PutCommandInput } from '@aws-sdk/lib-dynamodb';
import pLimit from 'p-limit';
import { mergeRuns } from './merge-runs.ts';
import { runIdAt } from '../run.ts';
import type { Run } from '../run.ts';
import { maxRunsPerTarget, removeOldestRuns } from './remove-oldest-runs.ts';
import type { RunLimit } from './remove-oldest-runs.ts';
import { createRunResults } from './run-results.ts';
import type { RunKey, RunResults } from './run-results.ts';
import { fromStored, parseRunItem, toRunItem } from './stored-run.ts';
import type { RunOwner } from './stored-run.ts';

export interface RunRecords extends RunResults {
  /** The runs under these keys by target; those that are not there, or are no valid runs, are left out. Rejects when DynamoDB does. */
  read(keys: readonly RunKey[]): Promise<ReadonlyMap<string, Run>>;
  /**
   * Puts what is known of the run on record, together with what others have put there meanwhile.
   * @returns the run as it stands on record then, with another's end where one was first; undefined when what stands
   *   there is no valid run, and stays so
   * @throws when DynamoDB does
   */
  save(run: Run, owner: RunOwner): Promise<Run | undefined>;
  /**
   * Puts the run where nobody has written its record since it was read, as `before`; undefined: where there is none.
   * @returns the run as it stands on record then; undefined where somebody has
   * @throws when DynamoDB does
   */
  replace(run: Run, owner: RunOwner, before: Run | undefined): Promise<Run | undefined>;
  /** The newest run of a target that began no later than an instant, ended or not. Rejects when DynamoDB does. */
  newest(target: string, untilMs: number): Promise<Run | undefined>;
}

/** DynamoDB's limit for one BatchGetItem. */
const maxKeysPerRead = 100;
/** A thousand runs are read well within a second. */
const maxReadsAtOnce = 4;
/** A table that gives nothing so often in a row is throttled beyond what a window can wait for. */
const maxEmptyAnswers = 5;

const defaultLimit: RunLimit = { maxRuns: maxRunsPerTarget, random: Math.random };

/** The `Runs` table. @param table its name */
export function createRuns(client: DynamoDBDocumentClient, table: string, limit = defaultLimit): RunRecords {
  const place = { client, table, limit };
  return {
    ...createRunResults(client, table),
    read: (keys) => read(client, table, keys),
    save: (run, owner) => save({ ...place, owner }, run),
    newest: (target, untilMs) => newest(client, table, { target, run: runIdAt(untilMs) }),
    replace: (run, owner, before) => replace({ ...place, owner }, run, before?.revision),
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

interface RecordPlace {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  readonly limit: RunLimit;
  readonly owner: RunOwner;
}

/** Two windows write a run at the same time, seldom a third, and a call of the API: more would be a fault of ours. */
const maxSaves = 8;

async function save(place: RecordPlace, run: Run): Promise<Run | undefined> {
  const { client, table, owner } = place;
  const key = { target: owner.target, run: run.id };
  let next = run;
  for (let saves = 0; saves < maxSaves; saves += 1) {
    const saved = await replace(place, next, next.revision);
    if (saved !== undefined) return saved;
    const record = (await read(client, table, [key])).get(key.target);
    // It fits no more, and is left as it is.
    if (record === undefined) return undefined;
    const merged = mergeRuns(record, run);
    if (merged === undefined || isSame(merged, record)) return record;
    next = { ...merged, revision: record.revision };
  }
  throw new Error(`the record of run ${run.id} of ${key.target} was written by others ${maxSaves} times in a row`);
}

function isSame(run: Run, other: Run): boolean {
  const [item, otherItem] = [run, other].map((each) => JSON.stringify({ ...each, revision: 0 }));
  return item === otherItem;
}

/** @param revision of the record as it was read; undefined: there was none */
async function replace(
  { client, table, limit, owner }: RecordPlace,
  run: Run,
  revision: number | undefined,
): Promise<Run | undefined> {
  const nextRevision = (revision ?? 0) + 1;
  const isPut = await put(client, table, { Item: toRunItem(run, owner, nextRevision), ...isAt(revision) });
  if (!isPut) return undefined;
  // Where it fails, one of the next runs does it: this one is on record.
  if (revision === undefined)
    await removeOldestRuns(client, { table, target: owner.target }, limit).catch(() => undefined);
  return { ...run, ...(owner.owner === 'reporter' && { owner: owner.owner }), revision: nextRevision };
}

/** The condition that nobody has written the record since it was read. */
function isAt(revision: number | undefined): Omit<PutCommandInput, 'TableName' | 'Item'> {
  const names = { ExpressionAttributeNames: { '#run': 'run' } };
  if (revision === undefined) return { ConditionExpression: 'attribute_not_exists(#run)', ...names };
  // It was written before revisions were counted.
  if (revision === 0)
    return { ConditionExpression: 'attribute_exists(#run) AND attribute_not_exists(revision)', ...names };
  return { ConditionExpression: 'revision = :revision', ExpressionAttributeValues: { ':revision': revision } };
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

/** Items that are no valid runs are passed over, a few of them. */
const newestRead = 5;

async function newest(client: DynamoDBDocumentClient, table: string, key: RunKey): Promise<Run | undefined> {
  const { Items: items = [] } = await client.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: '#target = :target AND #run <= :run',
      ExpressionAttributeNames: { '#target': 'target', '#run': 'run' },
      ExpressionAttributeValues: { ':target': key.target, ':run': key.run },
      ScanIndexForward: false,
      ConsistentRead: true,
      Limit: newestRead,
    }),
  );
  const stored = items.map(parseRunItem).find((item) => item !== undefined);
  return stored && fromStored(stored);
}

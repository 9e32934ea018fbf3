import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Run } from '../run.ts';
import { packResult, unpackResult } from './run-result.ts';
import type { RunResult } from './run-result.ts';
import { fromStored, parseRunItem } from './stored-run.ts';

export interface RunKey {
  readonly target: string;
  readonly run: string;
}

/** What is asked of an earlier run that a run is compared with. */
export interface BaselineQuery {
  readonly target: string;
  /** It ended before this run began. */
  readonly before: string;
  /** Exactly this one. */
  readonly run?: string | undefined;
  /** It had these tags, whatever others. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

interface PassedQuery extends Pick<BaselineQuery, 'target' | 'before'> {
  readonly tags: Readonly<Record<string, string>>;
}

/** The final figures of runs. All reject when DynamoDB does. */
export interface RunResults {
  /**
   * Puts a run's final figures on record, over those that were there. Those that its Locust sent by itself stay, whatever
   * is read of it besides.
   */
  saveResult(key: RunKey, result: RunResult, from: { readonly isSent: boolean }): Promise<void>;
  /** Undefined where there are none. */
  readResult(key: RunKey): Promise<RunResult | undefined>;
  /** The run that was asked for, or the last one that passed; undefined where there is none among the last hundred. */
  findBaseline(query: BaselineQuery): Promise<Run | undefined>;
}

/** No target has such an id: lists of a target's runs do not meet the results, which are larger than they. */
export const resultsOf = (target: string): string => `${target}#results`;

/** Of the runs before, so many are looked at: who breaks a build a hundred times needs no comparison. */
const maxRunsRead = 100;

const names = { '#target': 'target', '#run': 'run' };

/** Beside the runs, in their table. @param table its name */
export function createRunResults(client: DynamoDBDocumentClient, table: string): RunResults {
  const read = async (key: RunKey): Promise<Record<string, unknown> | undefined> =>
    (await client.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true }))).Item;
  return {
    async saveResult({ target, run }, result, { isSent }) {
      const packed = await packResult(result);
      const Item = { target: resultsOf(target), run, packed, ...(isSent && { isSent }) };
      const unlessSent = { ConditionExpression: 'attribute_not_exists(isSent)' };
      try {
        await client.send(new PutCommand({ TableName: table, Item, ...(!isSent && unlessSent) }));
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
    async readResult({ target, run }) {
      const item = await read({ target: resultsOf(target), run });
      const packed: unknown = item?.['packed'];
      return packed instanceof Uint8Array ? unpackResult(packed) : undefined;
    },
    async findBaseline({ target, before, run, tags = {} }) {
      const id = run ?? (await findPassed(client, table, { target, before, tags }));
      if (id === undefined) return undefined;
      const stored = parseRunItem(await read({ target, run: id }));
      return stored && fromStored(stored);
    },
  };
}

/** The last run that passed. A page is at most 1 MB of whole items, however little of them is asked for. */
async function findPassed(
  client: DynamoDBDocumentClient,
  table: string,
  { target, before, tags }: PassedQuery,
): Promise<string | undefined> {
  let after: string | undefined;
  for (let left = maxRunsRead; left > 0;) {
    const page = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: '#target = :target AND #run < :run',
        ProjectionExpression: '#run, verdict, tags',
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: { ':target': target, ':run': before },
        ScanIndexForward: false,
        ConsistentRead: true,
        Limit: left,
        ...(after !== undefined && { ExclusiveStartKey: { target, run: after } }),
      }),
    );
    const items = page.Items ?? [];
    const passed = items.find(
      ({ verdict, tags: its = {} }) =>
        verdict === 'passed' &&
        Object.entries(tags).every(([key, value]) => (its as Record<string, unknown>)[key] === value),
    );
    if (passed !== undefined) return passed['run'] as string;
    left -= items.length;
    after = page.LastEvaluatedKey?.['run'] as string | undefined;
    if (after === undefined) return undefined;
  }
  return undefined;
}

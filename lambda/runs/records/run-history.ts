import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { parseRunItem, storedRun } from './stored-run.ts';
import type { StoredRun } from './stored-run.ts';

/** A run without what is large. */
export const runSummary = storedRun.omit({ timeline: true, verdictDetails: true });

export type RunSummary = Omit<StoredRun, 'timeline' | 'verdictDetails'>;

const summaryKeys = Object.keys(runSummary.shape);

/** Leaves the timelines out: a hundred of them are megabytes. */
export const summaryProjection = {
  ProjectionExpression: summaryKeys.map((key) => `#${key}`).join(', '),
  ExpressionAttributeNames: Object.fromEntries(summaryKeys.map((key) => [`#${key}`, key])),
};

interface RunPage {
  /** The newest first. Items that are no valid runs are left out. */
  readonly runs: readonly RunSummary[];
  /** The run to go on after; undefined at the end. */
  readonly last: string | undefined;
}

/** What is on record of a target's runs, also after the target is gone. Rejects when DynamoDB does. */
export interface RunHistory {
  /** @param query.after the id of the run after which, going back in time, to go on */
  list(query: {
    readonly target: string;
    readonly limit: number;
    readonly after?: string | undefined;
  }): Promise<RunPage>;
  /** One run with its timeline; undefined when there is none, or none that fits. */
  find(target: string, run: string): Promise<StoredRun | undefined>;
}

/** @param table the name of the `Runs` table */
export function createRunHistory(client: DynamoDBDocumentClient, table: string): RunHistory {
  return {
    async list({ target, limit, after }) {
      const page = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: '#target = :target',
          ...summaryProjection,
          ExpressionAttributeValues: { ':target': target },
          ScanIndexForward: false,
          Limit: limit + 1,
          ...(after !== undefined && { ExclusiveStartKey: { target, run: after } }),
        }),
      );
      const items = page.Items ?? [];
      const shown = items.slice(0, limit);
      const hasMore = items.length > limit || page.LastEvaluatedKey !== undefined;
      return {
        runs: shown.flatMap((item) => {
          const parsed = runSummary.safeParse(item);
          return parsed.success ? [parsed.data] : [];
        }),
        last: hasMore ? (shown.at(-1)?.['run'] as string | undefined) : undefined,
      };
    },
    async find(target, run) {
      const { Item: item } = await client.send(
        new GetCommand({ TableName: table, Key: { target, run }, ConsistentRead: true }),
      );
      const parsed = parseRunItem(item);
      return parsed && storedRun.parse(parsed);
    },
  };
}

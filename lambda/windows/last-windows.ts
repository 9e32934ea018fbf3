import { PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { keptFigures } from './window-figures.ts';

/** What stands in place of a target's id. No id has an underscore, so that no target's history ever meets it. */
const key = '_windows';

const count = z.int().min(0);
/** A figure that windows of an older version do not have is 0. */
const figure = count.default(0);
const keptCounts = Object.fromEntries(keptFigures.map((name) => [name, figure])) as Record<
  (typeof keptFigures)[number],
  typeof figure
>;

/** What is kept of a shard's last window. */
export const lastWindow = z.object({
  shard: count,
  shards: z.int().min(1),
  endedAt: z.iso.datetime(),
  /** How it ended. */
  end: z.string(),
  ...keptCounts,
});

export type LastWindow = z.output<typeof lastWindow>;

/** The last window of every shard, kept in the `Runs` table: one small item each. All of it rejects when DynamoDB does. */
export interface Windows {
  /** Replaces what is kept of the shard. One write; more than a `LastWindow` has is left out. @param endedAtMs ms */
  save(window: Omit<LastWindow, 'endedAt'>, endedAtMs: number): Promise<void>;
  /** One for each shard that has had a window under the present number of shards, in their order. */
  last(): Promise<readonly LastWindow[]>;
}

/** @param table the name of the `Runs` table, which the collector may put into and the admin API may query */
export function createWindows(client: DynamoDBDocumentClient, table: string): Windows {
  return {
    async save(window, endedAtMs) {
      const kept = lastWindow.parse({ ...window, endedAt: new Date(endedAtMs).toISOString() });
      const item = { target: key, run: `shard-${window.shard}`, ...kept };
      await client.send(new PutCommand({ TableName: table, Item: item }));
    },
    async last() {
      const { Items: items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: '#target = :key',
          ExpressionAttributeNames: { '#target': 'target' },
          ExpressionAttributeValues: { ':key': key },
          ConsistentRead: true,
        }),
      );
      const windows = items.flatMap((item) => {
        const parsed = lastWindow.safeParse(item);
        return parsed.success ? [parsed.data] : [];
      });
      // Those of another number of shards are from before it was changed.
      const newest = windows.toSorted((a, b) => b.endedAt.localeCompare(a.endedAt))[0];
      return windows.filter(({ shards }) => shards === newest?.shards).sort((a, b) => a.shard - b.shard);
    },
  };
}

import { PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';

/** What stands in place of a target's id. No id has an underscore, so that no target's history ever meets it. */
const key = '_windows';

const count = z.int().min(0);

/** What is kept of a shard's last window. */
export const lastWindow = z.object({
  shard: count,
  shards: z.int().min(1),
  endedAt: z.iso.datetime(),
  /** How it ended. */
  end: z.string(),
  /** Enabled targets of the shard. */
  targets: count,
  /** Attempts made during runs, and how many of them brought no report. */
  samples: count,
  samplesFailed: count,
  /** Instants of a target that passed while the window was busy. */
  missed: count,
  /** Lines that InfluxDB took; that wait; that it refused for good; and that could not be kept either. */
  pointsDelivered: count,
  pointsWaiting: count,
  pointsRejected: count,
  pointsLost: count,
  /** Times that DynamoDB, the queue or the secrets failed it. */
  platformFailures: count,
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

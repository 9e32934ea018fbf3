import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { hasExpired } from './collection-rule.ts';

/** How many targets somebody's token has. */
export interface OwnedTargets {
  /** Those that have expired included, until they are removed. */
  readonly all: number;
  /** Those that have not expired. */
  readonly live: number;
  /** Those that were made after an instant. */
  readonly recent: number;
}

interface OwnedQuery {
  readonly owner: 'admin' | 'reporter';
  /** The present instant, ms. */
  readonly nowMs: number;
  /** Counts as recent what was made after it, ms. */
  readonly recentSinceAtMs: number;
}

/**
 * Counts somebody's targets in the table itself, so that all functions count alike. Undefined for a table that is too
 * large to be counted. Rejects when DynamoDB does.
 */
export type CountOwned = (query: OwnedQuery) => Promise<OwnedTargets | undefined>;

/** One page is at most 1 MB; more than twice what all targets of one token may take at their limits. */
const maxPages = 64;

/** @param table the name of the `Targets` table */
export function createOwnedCount(client: DynamoDBDocumentClient, table: string): CountOwned {
  return async ({ owner, nowMs, recentSinceAtMs }) => {
    let [all, live, recent] = [0, 0, 0];
    let startKey: Record<string, unknown> | undefined;
    for (let pages = 0; pages < maxPages; pages += 1) {
      const page = await client.send(
        new ScanCommand({
          TableName: table,
          ConsistentRead: true,
          FilterExpression: '#owner = :owner',
          ProjectionExpression: 'createdAt, expiresAt',
          ExpressionAttributeNames: { '#owner': 'owner' },
          ExpressionAttributeValues: { ':owner': owner },
          ...(startKey !== undefined && { ExclusiveStartKey: startKey }),
        }),
      );
      for (const { createdAt, expiresAt } of page.Items ?? []) {
        all += 1;
        if (typeof expiresAt !== 'string' || !hasExpired({ expiresAt }, nowMs)) live += 1;
        if (Date.parse(String(createdAt)) > recentSinceAtMs) recent += 1;
      }
      startKey = page.LastEvaluatedKey;
      if (startKey === undefined) return { all, live, recent };
    }
    return undefined;
  };
}

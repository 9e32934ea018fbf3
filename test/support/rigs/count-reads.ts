import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** What a client has asked of DynamoDB since the count began. */
export interface ReadCount {
  requests: number;
  /** Items that were sent to the client. */
  read: number;
  /** Items that DynamoDB looked at, which is what it bills: those that a filter left out, too. */
  lookedAt: number;
}

interface Page {
  readonly Items?: readonly unknown[];
  readonly ScannedCount?: number;
}

/** Counts from now on; set the figures to 0 to start again. */
export function countReads(client: DynamoDBDocumentClient): ReadCount {
  const count: ReadCount = { requests: 0, read: 0, lookedAt: 0 };
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { Items = [], ScannedCount = 0 } = result.output as Page;
      count.requests += 1;
      count.read += Items.length;
      count.lookedAt += ScannedCount;
      return result;
    },
    { step: 'initialize' },
  );
  return count;
}

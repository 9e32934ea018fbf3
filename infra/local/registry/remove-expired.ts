import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, paginateScan } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { removeAtAttribute, targetsKey } from '../../../lambda/runtime/table-keys.ts';
import type { Clock } from '../../../lambda/runtime/clock.ts';

/** Nobody waits for it: DynamoDB itself takes up to two days. */
const everyMs = 3_600_000;

/**
 * Removes the targets whose time has come, as DynamoDB does on AWS and the embedded one does not; their runs stay.
 * @param table that of the targets
 * @returns the ids of those that are gone
 * @throws when the table does
 */
export async function removeExpired(
  client: DynamoDBDocumentClient,
  table: string,
  nowMs: number,
): Promise<readonly string[]> {
  const isDue = {
    ExpressionAttributeNames: { '#removeAt': removeAtAttribute },
    ExpressionAttributeValues: { ':now': Math.floor(nowMs / 1000) },
  };
  const removed: string[] = [];
  for await (const { Items = [] } of paginateScan(
    { client },
    { TableName: table, FilterExpression: '#removeAt <= :now', ...isDue },
  )) {
    for (const item of Items) {
      const id = String(item[targetsKey.partition]);
      const Key = { [targetsKey.partition]: id };
      try {
        await client.send(
          new DeleteCommand({ TableName: table, Key, ConditionExpression: '#removeAt <= :now', ...isDue }),
        );
        removed.push(id);
      } catch (error) {
        // It has registered itself again meanwhile.
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    }
  }
  return removed;
}

/** Does so now and every hour until the signal is aborted. Never rejects. @param parts.failed learns of what went wrong */
export async function keepRemovingExpired(
  parts: {
    readonly client: DynamoDBDocumentClient;
    readonly table: string;
    readonly clock: Clock;
    readonly failed: (error: unknown) => void;
  },
  stop: AbortSignal,
): Promise<void> {
  const { client, clock, failed } = parts;
  while (!stop.aborted) {
    await removeExpired(client, parts.table, clock.now()).catch(failed);
    await clock.sleepUntil(clock.now() + everyMs, stop).catch(() => undefined);
  }
}

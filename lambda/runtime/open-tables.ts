import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { awsLimits } from './aws-limits.ts';

/** A client for the two tables, as their stores expect it. */
export function openTables(): DynamoDBDocumentClient {
  return tablesOf(new DynamoDBClient({ requestHandler: awsLimits }));
}

/**
 * A client as the stores of the two tables expect it, over a plain one.
 * @param client is changed: it no longer prepares every request and answer for a log that nobody keeps, which copies
 *   all items of an answer once more
 */
export function tablesOf(client: DynamoDBClient): DynamoDBDocumentClient {
  client.middlewareStack.remove('loggerMiddleware');
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}

import type { CreateTableCommandInput, GlobalSecondaryIndex, TableDescription } from '@aws-sdk/client-dynamodb';

/** The indexes of a definition that a table of that name lacks. */
export function missingIndexes(
  { GlobalSecondaryIndexes: wanted = [] }: CreateTableCommandInput,
  { GlobalSecondaryIndexes: found = [] }: TableDescription,
): readonly GlobalSecondaryIndex[] {
  return wanted.filter(({ IndexName: name }) => !found.some(({ IndexName }) => IndexName === name));
}

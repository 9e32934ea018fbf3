import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { runsKey, targetsKey, watchedIndex } from '../../../lambda/runtime/table-keys.ts';

/** The two tables as CreateTable takes them, on demand. */
export function tableDefinitions(names: {
  readonly targets: string;
  readonly runs: string;
}): CreateTableCommandInput[] {
  const targets = tableOf(names.targets, [targetsKey.partition]);
  const runs = tableOf(names.runs, [runsKey.partition, runsKey.sort]);
  return [{ ...targets, ...watchedIndexOf(targets) }, runs];
}

function watchedIndexOf({ AttributeDefinitions }: CreateTableCommandInput): Partial<CreateTableCommandInput> {
  const { name, partition } = watchedIndex;
  return {
    AttributeDefinitions: [...(AttributeDefinitions ?? []), { AttributeName: partition, AttributeType: 'S' }],
    GlobalSecondaryIndexes: [
      {
        IndexName: name,
        KeySchema: [{ AttributeName: partition, KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  };
}

function tableOf(name: string, key: readonly string[]): CreateTableCommandInput {
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: key.map((attribute, index) => ({ AttributeName: attribute, KeyType: index === 0 ? 'HASH' : 'RANGE' })),
    AttributeDefinitions: key.map((attribute) => ({ AttributeName: attribute, AttributeType: 'S' })),
  };
}

import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { runsKey, targetsKey } from '../../lambda/registry/tables.ts';

/** The two tables as CreateTable takes them, on demand. */
export function tableDefinitions(names: {
  readonly targets: string;
  readonly runs: string;
}): CreateTableCommandInput[] {
  return [tableOf(names.targets, [targetsKey.partition]), tableOf(names.runs, [runsKey.partition, runsKey.sort])];
}

function tableOf(name: string, key: readonly string[]): CreateTableCommandInput {
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: key.map((attribute, index) => ({ AttributeName: attribute, KeyType: index === 0 ? 'HASH' : 'RANGE' })),
    AttributeDefinitions: key.map((attribute) => ({ AttributeName: attribute, AttributeType: 'S' })),
  };
}

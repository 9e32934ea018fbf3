import { registryContract } from '../../targets/registry-contract.ts';
import { watchedContract } from '../../targets/watched-contract.ts';
import { startRegistry } from '../../support/rigs/registry.ts';
import type { TestRegistry } from '../../support/rigs/registry.ts';
import { startDynamoDbLocal } from '../support/aws/dynamodb-local.ts';
import { describeWithParts } from '../support/parts.ts';

describeWithParts('Amazon’s DynamoDB Local', () => {
  const start = async (): Promise<TestRegistry> => {
    const dynamoDb = await startDynamoDbLocal();
    const registry = await startRegistry(dynamoDb.url);
    return {
      ...registry,
      async close() {
        await registry.close();
        await dynamoDb.stop();
      },
    };
  };
  registryContract('DynamoDB Local', start);
  watchedContract('DynamoDB Local', start);
});

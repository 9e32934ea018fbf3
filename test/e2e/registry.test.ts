import { registryContract } from '../registry/registry-contract.ts';
import { startRegistry } from '../support/registry.ts';
import { startDynamoDbLocal } from './support/dynamodb-local.ts';
import { describeWithParts } from './support/parts.ts';

describeWithParts('Amazon’s DynamoDB Local', () => {
  registryContract('DynamoDB Local', async () => {
    const dynamoDb = await startDynamoDbLocal();
    const registry = await startRegistry(dynamoDb.url);
    return {
      ...registry,
      async close() {
        await registry.close();
        await dynamoDb.stop();
      },
    };
  });
});

import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { watchedIndex } from '../runtime/table-keys.ts';
import type { TargetSettings } from './target.ts';

/**
 * Makes a target that is fetched, or gives the one that is there another URL and switches it on; its other settings
 * stay.
 * @param nowMs the present instant
 */
export async function registerTarget(
  registry: { readonly client: DynamoDBDocumentClient; readonly table: string },
  settings: TargetSettings,
  nowMs: number,
): Promise<void> {
  const { id, url, source, ...defaults } = settings;
  const now = new Date(nowMs).toISOString();
  const kept = Object.entries({ ...defaults, createdAt: now }).filter(
    ([key, value]) => key !== 'enabled' && value !== undefined,
  );
  const names = Object.fromEntries(kept.map(([key], index) => [`#k${index}`, key]));
  const values = Object.fromEntries(kept.map(([, value], index) => [`:k${index}`, value]));
  const keepOrSet = kept.map((_, index) => `#k${index} = if_not_exists(#k${index}, :k${index})`);
  await registry.client.send(
    new UpdateCommand({
      TableName: registry.table,
      Key: { id },
      UpdateExpression: `SET #url = :url, #source = :source, #enabled = :true, updatedAt = :now, #watched = :id, #version = if_not_exists(#version, :zero) + :one, ${keepOrSet.join(', ')}`,
      ExpressionAttributeNames: {
        '#url': 'url',
        '#source': 'source',
        '#enabled': 'enabled',
        '#version': 'version',
        '#watched': watchedIndex.partition,
        ...names,
      },
      ExpressionAttributeValues: {
        ':id': id,
        ':url': url,
        ':source': source,
        ':true': true,
        ':now': now,
        ':zero': 0,
        ':one': 1,
        ...values,
      },
    }),
  );
}

import dynalite from 'dynalite/db/index.js';
import type { DynaliteStore, LevelIterator } from 'dynalite/db/index.js';
import { expect, it } from 'vitest';
import { closeIteratorsOf } from '../../../infra/local/registry/close-iterators.ts';
import { answerOperation } from '../../../infra/local/registry/table-operations.ts';

/** How many iterators of a store are open. */
function countOpen({ db }: DynaliteStore): () => number {
  const open = new Set<LevelIterator>();
  for (const name of ['keys', 'values'] as const) {
    const plain = db[name].bind(db);
    db[name] = (options) => {
      const iterator = plain(options);
      const close = iterator.close.bind(iterator);
      iterator.close = () => close().finally(() => open.delete(iterator));
      open.add(iterator);
      return iterator;
    };
  }
  return () => open.size;
}

it('nothing that reads in order stays open, whether it came to the end, stopped at a limit or was refused', async () => {
  const store = dynalite.create({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  await store.db.open();
  const countOpenNow = countOpen(store);
  const closing = closeIteratorsOf(store);
  const ask = (operation: string, input: object): Promise<{ status: number }> =>
    closing(() => answerOperation(store, operation, JSON.stringify({ TableName: 'Things', ...input })));
  await ask('CreateTable', {
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
  });
  for (let id = 0; id < 30; id += 1) await ask('PutItem', { Item: { id: { S: `a${id}` } } });

  const reads = Array.from({ length: 20 }, (_, index) => [
    ask('Scan', {}),
    ask('Scan', { Limit: 5 }),
    ask('Scan', { Segment: index % 4, TotalSegments: 4 }),
    ask('Query', {
      KeyConditionExpression: 'id = :id',
      ExpressionAttributeValues: { ':id': { S: 'a1' } },
      Limit: 1,
    }),
    ask('Scan', { IndexName: 'none' }),
    ask('ListTables', {}),
  ]).flat();
  const answers = await Promise.all(reads);

  expect(answers.filter(({ status }) => status === 200)).toHaveLength(100);
  expect(countOpenNow()).toBe(0);
  await store.db.close();
});

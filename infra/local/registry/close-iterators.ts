import { AsyncLocalStorage } from 'node:async_hooks';
import type { DynaliteStore, LevelIterator } from 'dynalite/db/index.js';

/**
 * Closes the iterators that each action opens in dynalite's store once it is over. Dynalite leaves them open, and an
 * open one holds a snapshot: a collector that reads its tables every minute would grow for as long as it lives, in
 * memory and on disk.
 * @returns runs an action and settles as it does, when what it opened is closed
 */
export function closeIteratorsOf({ db }: DynaliteStore): <Result>(action: () => Promise<Result>) => Promise<Result> {
  const underWay = new AsyncLocalStorage<LevelIterator[]>();
  const tracked = (open: (options?: object) => LevelIterator) => (options?: object) => {
    const iterator = readingAhead(open(options));
    underWay.getStore()?.push(iterator);
    return iterator;
  };
  db.keys = tracked(db.keys.bind(db));
  db.values = tracked(db.values.bind(db));
  return async (action) => {
    const opened: LevelIterator[] = [];
    try {
      return await underWay.run(opened, action);
    } finally {
      await Promise.all(opened.map((iterator) => iterator.close()));
    }
  };
}

/** So many entries are fetched from the store at once: one by one, each costs a turn through the native code. */
const entriesAtOnce = 100;

function readingAhead(iterator: LevelIterator): LevelIterator {
  let [ahead, at]: [readonly unknown[], number] = [[], 0];
  iterator.next = async () => {
    if (at === ahead.length) [ahead, at] = [await iterator.nextv(entriesAtOnce), 0];
    const entry = ahead[at];
    at += 1;
    return entry;
  };
  return iterator;
}

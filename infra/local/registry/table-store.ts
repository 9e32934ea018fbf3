import dynalite from 'dynalite/db/index.js';
import type { DynaliteStore } from 'dynalite/db/index.js';
import { makeOwnerFolder, requireRoom } from '../store/owner-only-file.ts';
import { closeIteratorsOf } from './close-iterators.ts';
import { answerOperation, isReading } from './table-operations.ts';
import type { TableAnswer } from './table-operations.ts';

/** Tables on disk. */
export interface TableStore {
  /** @throws Error when the files cannot be read or written; the next request opens them again */
  answer(operation: string, body: string): Promise<TableAnswer>;
  /** Waits for what is under way. Later requests reject. */
  close(): Promise<void>;
}

/** What LevelDB may write when it is opened: the tables of its log, of 4 MB at most, and lists of what there is. */
const openingBytes = 6 * 1024 * 1024;

/**
 * Opens the tables in a folder, which is made when missing.
 * @throws Error of node:fs or of LevelDB when that cannot be done
 */
export async function openTableStore(path: string): Promise<TableStore> {
  await makeOwnerFolder(path);
  let { store, closingIterators } = await openStore(path);
  let isClosed = false;
  let state: 'whole' | 'only-readable' | 'unreadable' = 'whole';
  let reopening: Promise<void> | undefined;
  const underWay = new Set<Promise<unknown>>();

  /**
   * After a failed write LevelDB takes nothing more, or appends to half a record: once reopened it is whole. Until that
   * works it stays open: it can still be read.
   */
  const reopen = async (): Promise<void> => {
    await requireRoom(path, openingBytes);
    await Promise.allSettled(underWay);
    state = 'unreadable';
    await store.db.close();
    ({ store, closingIterators } = await openStore(path));
    state = 'whole';
  };

  return {
    async answer(operation, body) {
      if (isClosed) throw new Error('the tables are closed');
      if (state === 'unreadable' || (state === 'only-readable' && !isReading(operation))) {
        reopening ??= reopen().finally(() => {
          reopening = undefined;
        });
        await reopening;
      }
      // Nobody reads while it is closed.
      await reopening?.catch(() => undefined);
      const work = closingIterators(() => answerOperation(store, operation, body));
      const settled = work.catch(() => {
        if (state === 'whole') state = 'only-readable';
      });
      underWay.add(settled);
      return work.finally(() => underWay.delete(settled));
    },
    async close() {
      isClosed = true;
      await reopening?.catch(() => undefined);
      await Promise.allSettled(underWay);
      await store.db.close();
    },
  };
}

async function openStore(path: string): Promise<{
  readonly store: DynaliteStore;
  readonly closingIterators: ReturnType<typeof closeIteratorsOf>;
}> {
  const store = dynalite.create({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  await store.db.open();
  return { store, closingIterators: closeIteratorsOf(store) };
}

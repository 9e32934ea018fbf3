import { countDown } from '../../runtime/clock.ts';
import type { Clock } from '../../runtime/clock.ts';
import { inTime } from '../../runtime/in-time.ts';
import type { Delivery } from '../delivery/delivery.ts';
import { joinLines, splitLines } from '../lines.ts';
import { readEntries } from './read-entries.ts';
import type { ReadEntry } from './read-entries.ts';
import { totalsOf } from './spool.ts';
import type { Spool, WaitingEntry, WaitingTotals } from './spool.ts';

/** What one request's worth of lines may be read at once: entries, and gzipped bytes, which unpack to ten times that. */
const batchLimits = { entries: 16, bytes: 256 * 1024 };
/** As long as InfluxDB may take for a batch: an idle window waits for one that hangs, and waiting is billed. */
const batchTimeoutMs = 10_000;
/** For a store that hangs: a window's end does not wait longer for it. What is under way then does no harm later. */
const storeTimeoutMs = 3_000;

export interface SpoolDrainParts {
  readonly spool: Spool;
  readonly delivery: Pick<Delivery, 'replay'>;
  readonly clock: Clock;
  /** Resolves when no live lines are under way: they go first. */
  readonly whenFree: () => Promise<unknown>;
  /** Lines have left the spool; of an entry that cannot be read, how many nobody knows, one is `rejected`. */
  readonly onReplayed: (lines: { readonly delivered: number; readonly rejected: number }) => void;
  /** The store failed, or an entry was damaged. */
  readonly onFailure: (doing: string, error: unknown) => void;
}

/** Sends what waits in the spool, oldest first. Any number of them may work on one spool at once. Nothing rejects. */
export interface SpoolDrain {
  /**
   * Sends, until nothing waits, InfluxDB does not take it, or an instant has come; nothing when it is at it already.
   * Lists the spool the first time, and later only after `noteSpooled`.
   */
  run(untilMs: number): Promise<void>;
  /** Lines were put into the spool. */
  noteSpooled(): void;
  /** Ends after the batch under way, or after 3 s. */
  stop(): Promise<void>;
  /** What waits, as far as is known without asking; undefined when that is nothing. */
  knownTotals(): WaitingTotals | undefined;
  /** What waits, asked for where it is not known; undefined when the store fails. */
  readTotals(): Promise<WaitingTotals | undefined>;
}

/** What one drain knows. */
interface DrainState {
  /** Oldest first; undefined before the spool was listed. */
  entries: readonly WaitingEntry[] | undefined;
  /** There is more by now than these entries. */
  isStale: boolean;
  isStopped: boolean;
  /** Entries that could not be read; they are read once only. */
  readonly passedOver: Set<string>;
}

export function createSpoolDrain(parts: SpoolDrainParts): SpoolDrain {
  const state: DrainState = { entries: undefined, isStale: true, isStopped: false, passedOver: new Set() };
  let underWay: Promise<void> | undefined;
  const quietly = async (doing: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      parts.onFailure(doing, error);
    }
  };
  const knownTotals = (): WaitingTotals | undefined =>
    state.isStale ? undefined : state.entries && totalsOf(state.entries, parts.clock.now());
  return {
    async run(untilMs) {
      if (state.isStopped) return;
      const leftMs = countDown(parts.clock, untilMs);
      underWay ??= quietly('emptying the spool', async () => {
        await list(state, parts.spool);
        await drain(state, leftMs, parts);
      }).finally(() => {
        underWay = undefined;
      });
      await underWay;
    },
    noteSpooled() {
      state.isStale = true;
    },
    async stop() {
      state.isStopped = true;
      if (underWay === undefined) return;
      const ending = underWay;
      await quietly('waiting for the spool', () => inTime(parts.clock, storeTimeoutMs, ending));
    },
    knownTotals,
    async readTotals() {
      await quietly('looking into the spool', () => inTime(parts.clock, storeTimeoutMs, list(state, parts.spool)));
      return knownTotals();
    },
  };
}

async function list(state: DrainState, spool: Spool): Promise<void> {
  if (!state.isStale) return;
  // Before the answer: what is put there meanwhile may be in it, or not.
  state.isStale = false;
  try {
    state.entries = await spool.list();
  } catch (error) {
    state.isStale = true;
    throw error;
  }
}

async function drain(state: DrainState, leftMs: () => number, parts: SpoolDrainParts): Promise<void> {
  const { spool } = parts;
  while (!state.isStopped && leftMs() > 0) {
    await parts.whenFree();
    const batch = nextBatch(state);
    if (batch.length === 0) return;
    const { read, aside } = await readEntries(batch, { ...parts, passedOver: state.passedOver });
    forget(state, aside);
    const { done, rest } = await replay(read, leftMs, parts);
    await Promise.all(done.map(({ key }) => spool.remove(key)));
    forget(state, done);
    if (rest === undefined) continue;
    if (rest.isBegun) {
      // What is settled is not sent again, or a batch that never gets through in time would hold up all others.
      await spool.put(rest.lines, rest.entry.writtenAtMs);
      await spool.remove(rest.entry.key);
      state.isStale = true;
    }
    return;
  }
}

interface Replayed {
  readonly done: readonly WaitingEntry[];
  /** What is left of the first entry that is not done; undefined when all are. */
  readonly rest: (ReadEntry & { readonly isBegun: boolean }) | undefined;
}

async function replay(
  batch: readonly ReadEntry[],
  leftMs: () => number,
  { delivery, onReplayed, clock }: SpoolDrainParts,
): Promise<Replayed> {
  const lines = joinLines(batch.map((each) => each.lines));
  let settled = 0;
  if (lines.count > 0) {
    const result = await delivery.replay(lines, clock.now() + Math.min(leftMs(), batchTimeoutMs));
    onReplayed(result);
    settled = result.settled;
  }
  const done: WaitingEntry[] = [];
  for (const each of batch) {
    const [, left] = splitLines(each.lines, settled);
    if (left.count > 0) return { done, rest: { entry: each.entry, lines: left, isBegun: settled > 0 } };
    settled -= each.lines.count;
    done.push(each.entry);
  }
  return { done, rest: undefined };
}

function nextBatch({ entries = [], passedOver }: DrainState): readonly WaitingEntry[] {
  const batch: WaitingEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    if (passedOver.has(entry.key)) continue;
    bytes += entry.sizeBytes;
    if (batch.length === batchLimits.entries || (batch.length > 0 && bytes > batchLimits.bytes)) break;
    batch.push(entry);
  }
  return batch;
}

function forget(state: DrainState, gone: readonly WaitingEntry[]): void {
  const keys = new Set(gone.map(({ key }) => key));
  state.entries = state.entries?.filter(({ key }) => !keys.has(key));
}

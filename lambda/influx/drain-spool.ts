import type { Clock } from '../runtime/clock.ts';
import type { SafeDelivery } from './deliver-or-keep.ts';
import { DamagedEntry, totalsOf } from './spool.ts';
import type { Spool, WaitingEntry, WaitingTotals } from './spool.ts';

/** What one request's worth of lines may be read at once: entries, and gzipped bytes, which unpack to ten times that. */
const batchLimits = { entries: 16, bytes: 256 * 1024 };

export interface SpoolDrainParts {
  readonly spool: Spool;
  readonly delivery: Pick<SafeDelivery, 'replay'>;
  readonly clock: Clock;
  /** Resolves when no live lines are under way: they go first. */
  readonly whenFree: () => Promise<unknown>;
  readonly replayed: (lines: { readonly delivered: number; readonly rejected: number }) => void;
  /** The store failed, or an entry is damaged. */
  readonly failed: (doing: string, error: unknown) => void;
}

/** Sends what waits in the spool, oldest first. Any number of them may work on one spool at once. Nothing rejects. */
export interface SpoolDrain {
  /**
   * Sends, until nothing waits, InfluxDB does not take it, or an instant has come; nothing when it is at it already.
   * Looks into the spool the first time, and later only when `spooled` was told of new lines.
   */
  run(untilMs: number): Promise<void>;
  /** Lines were put into the spool. */
  spooled(): void;
  /** Ends after the batch under way. */
  stop(): Promise<void>;
  /** What waits, as far as is known without asking; undefined when that is nothing. */
  totals(): WaitingTotals | undefined;
  /** What waits, asked for where it is not known; undefined when the store fails. */
  look(): Promise<WaitingTotals | undefined>;
}

/** What one drain knows. */
interface DrainState {
  /** Oldest first; undefined when it is not known what waits. */
  entries: readonly WaitingEntry[] | undefined;
  isStopped: boolean;
  /** Entries that cannot be read: they stay where they are, and are read once only. */
  readonly damaged: Set<string>;
}

export function createSpoolDrain(parts: SpoolDrainParts): SpoolDrain {
  const state: DrainState = { entries: undefined, isStopped: false, damaged: new Set() };
  let underWay: Promise<void> | undefined;
  const quietly = async (doing: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      parts.failed(doing, error);
    }
  };
  const look = async (): Promise<void> => {
    state.entries ??= await parts.spool.list();
  };
  const totals = (): WaitingTotals | undefined => state.entries && totalsOf(state.entries, parts.clock.now());
  return {
    async run(untilMs) {
      if (state.isStopped) return;
      underWay ??= quietly('emptying the spool', async () => {
        await look();
        await drain(state, untilMs, parts);
      }).finally(() => {
        underWay = undefined;
      });
      await underWay;
    },
    spooled() {
      state.entries = undefined;
    },
    async stop() {
      state.isStopped = true;
      await underWay;
    },
    totals,
    async look() {
      await quietly('looking into the spool', look);
      return totals();
    },
  };
}

async function drain(state: DrainState, untilMs: number, parts: SpoolDrainParts): Promise<void> {
  const { clock, spool } = parts;
  while (!state.isStopped && clock.now() < untilMs) {
    await parts.whenFree();
    const batch = nextBatch(state.entries?.filter(({ key }) => !state.damaged.has(key)) ?? []);
    if (batch.length === 0 || !(await send(batch, { state, untilMs }, parts))) return;
    const done = new Set(batch.map(({ key }) => key).filter((key) => !state.damaged.has(key)));
    await Promise.all([...done].map((key) => spool.remove(key)));
    state.entries = state.entries?.filter(({ key }) => !done.has(key));
  }
}

function nextBatch(waiting: readonly WaitingEntry[]): readonly WaitingEntry[] {
  const batch: WaitingEntry[] = [];
  let bytes = 0;
  for (const entry of waiting.slice(0, batchLimits.entries)) {
    bytes += entry.sizeBytes;
    if (batch.length > 0 && bytes > batchLimits.bytes) break;
    batch.push(entry);
  }
  return batch;
}

/** @returns false when the batch is to stay */
async function send(
  batch: readonly WaitingEntry[],
  { state, untilMs }: { readonly state: DrainState; readonly untilMs: number },
  { spool, delivery, replayed, failed }: SpoolDrainParts,
): Promise<boolean> {
  const readings = batch.map(async ({ key }) => {
    try {
      // Gone means that another drainer has delivered it.
      return (await spool.read(key)) ?? [];
    } catch (error) {
      if (!(error instanceof DamagedEntry)) throw error;
      state.damaged.add(key);
      failed('reading an entry of the spool', error);
      return [];
    }
  });
  const lines = (await Promise.all(readings)).flat();
  if (lines.length === 0) return true;
  const fate = await delivery.replay(lines, untilMs);
  replayed(fate);
  return fate.isSettled;
}

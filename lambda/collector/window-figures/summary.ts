import type { WaitingTotals } from '../../influx/spool/spool.ts';
import type { FailureKind } from '../../locust/failure.ts';
import { figureList } from '../../windows/window-figures.ts';
import type { WindowCounts } from '../../windows/window-figures.ts';

/** How a window came to its end. */
export type WindowEnd =
  /** Nothing ran: it asked to be woken for the rest, or nothing was left to do. */
  | 'idle'
  /** It sampled to the end of its minute. */
  | 'complete'
  /** An idle poll, while a window was sampling. */
  | 'already-sampled'
  /** Its minute was over before it began. */
  | 'too-late'
  /** Its minute is yet to come. */
  | 'too-early'
  /** It was asked to stop. */
  | 'stopped';

/** What one window did: its return value and its log line. */
export interface WindowSummary extends WindowCounts {
  end: WindowEnd;
  shard: number;
  shards: number;
  /** What waits in the spool, where this window looked. */
  waiting?: WaitingTotals;
  /** Scrapes that failed, by kind. */
  failures: Partial<Record<FailureKind, number>>;
}

export function emptySummary({ shard, shards }: { shard: number; shards: number }): WindowSummary {
  const counts = Object.fromEntries(figureList.map(([name]) => [name, 0])) as WindowCounts;
  return { end: 'complete', shard, shards, ...counts, failures: {} };
}

export function countFailure(summary: WindowSummary, kind: FailureKind): void {
  summary.failures[kind] = (summary.failures[kind] ?? 0) + 1;
}

import { lostAfterMs } from '../../runs/lost-after.ts';
import type { Target } from '../../targets/target.ts';
import type { WatchedTarget } from '../targets/watched-target.ts';
import type { Run } from '../../runs/run.ts';
import type { WindowSummary } from '../window-figures/summary.ts';
import type { UnprovenInstants } from './unproven-instants.ts';

/** No sample is taken later than this after its instant, whatever the interval: half a minute. */
export const maxGraceMs = 30_000;

/** A stretch of time whose instants nobody sampled, as far as anybody knows. */
export interface Gap {
  /** The last instant before it, ms. */
  readonly previousAtMs: number;
  /** The last instant in it, ms. */
  readonly untilMs: number;
}

/** Where missed instants are counted. */
export interface MissedCount {
  readonly summary: WindowSummary;
  readonly unproven: UnprovenInstants;
}

/**
 * Counts the instants of a gap as missed, of every target, from the start of its run on, also where that has ended since. Those of the time in which no run
 * is lost count at once, later ones when it is proven that the run goes on.
 */
export function countGap(
  watched: readonly WatchedTarget[],
  { previousAtMs, untilMs }: Gap,
  { summary, unproven }: MissedCount,
): void {
  const runs = watched.flatMap(({ run, endedRun, target }) =>
    [run, endedRun].flatMap((each) => (each === undefined ? [] : [{ run: each, target }])),
  );
  for (const { run, target } of runs) {
    const instantsUntil = (atMs: number): number => instantsOf({ run, target }, { previousAtMs, untilMs: atMs });
    const certain = instantsUntil(Math.min(untilMs, run.lastGoodAtMs + lostAfterMs));
    countMissed(summary, certain, true);
    unproven.add(target.id, instantsUntil(untilMs) - certain);
  }
}

/** How many instants of a run lie in a gap. Pure. */
export function instantsOf(
  { run, target }: { readonly run: Run; readonly target: Pick<Target, 'sampleSeconds'> },
  { previousAtMs, untilMs }: Gap,
): number {
  const intervalMs = target.sampleSeconds * 1000;
  const fromAtMs = Math.max(previousAtMs, run.startedAtMs - 1);
  return Math.max(0, Math.floor(untilMs / intervalMs) - Math.floor(fromAtMs / intervalMs));
}

/**
 * A scrape has shown what became of a run: the instants of a gap are those of one that goes on, or has ended after it.
 * @param before the run as it was known before the scrape
 */
export function countProven(
  { id, before, after }: { readonly id: string; readonly before: Run | undefined; readonly after: Run | undefined },
  { summary, unproven }: MissedCount,
): void {
  const instants = unproven.take(id);
  const endedAtMs = after?.ended?.atMs ?? Infinity;
  if (before !== undefined && after?.id === before.id && endedAtMs > before.lastGoodAtMs)
    countMissed(summary, instants, true);
}

/** @param isBeforeStart they were over, or all but over, when this window began */
export function countMissed(summary: WindowSummary, instants: number, isBeforeStart: boolean): void {
  summary.missed += instants;
  if (isBeforeStart) summary.missedAtStart += instants;
}

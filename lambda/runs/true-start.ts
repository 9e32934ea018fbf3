import type { DatedEntry } from '../locust/page/history.ts';
import type { Report } from '../locust/report/report.ts';

/** So much earlier at least did a test begin than it was first seen, or the two are the same: figures are rounded. */
const leastMs = 1_000;
/** No test lasts for so long; figures that say so are wrong. */
const mostMs = 31 * 86_400_000;

/**
 * When a test that is under way truly began, ms, where Locust proves that this was before it was first seen: its history
 * begins then, or its counters have been counting for longer. Both are set back by Locust itself where it is told to
 * (`--reset-stats`), and by hand. Undefined where nothing is proven. Pure.
 * @param seen.sinceAtMs no test ran then, ms
 */
export function trueStartOf(seen: {
  readonly report: Pick<Report, 'countersAgeMs'>;
  readonly history: readonly DatedEntry[];
  readonly atMs: number;
  readonly sinceAtMs?: number | undefined;
}): number | undefined {
  const { report, history, atMs, sinceAtMs = -Infinity } = seen;
  const byAge = report.countersAgeMs === undefined ? Infinity : atMs - report.countersAgeMs;
  const provenAtMs = Math.max(sinceAtMs, Math.min(byAge, history[0]?.atMs ?? Infinity));
  const isProven = provenAtMs <= atMs - leastMs && provenAtMs >= atMs - mostMs;
  return isProven ? Math.round(provenAtMs) : undefined;
}

import type { Report } from '../../locust/report/report.ts';
import type { RunRecords } from '../../runs/records/runs.ts';
import { isActive, isUnderWay } from '../../runs/locust-state.ts';
import { lostAfterMs } from '../../runs/lost-after.ts';
import type { Run } from '../../runs/run.ts';
import { countersFell } from '../../runs/same-test.ts';
import { isFetched } from '../../targets/target.ts';
import type { FollowedTarget } from '../followed-target.ts';

/** What a report that was sent means for its target. */
export type ReportPlace =
  /** It is the newest: the run under way goes on or ends, or one begins. `atMs`: the instant to record it at. */
  | { readonly kind: 'next'; readonly atMs: number }
  /**
   * Of this instant, or of a later one, there is a sample already: its points are written again, and nothing else happens.
   * `atMs`: where they stand.
   */
  | { readonly kind: 'again'; readonly run: Run; readonly atMs: number }
  /** The run has ended, and these are its last figures. `atMs`: the instant of their sample. */
  | { readonly kind: 'last-figures'; readonly run: Run; readonly atMs: number }
  /** The run was given up for lost, or its target lost sight of it: it goes on. */
  | { readonly kind: 'resume'; readonly run: Run }
  /** It is older than the run that began last, and belongs to none. */
  | { readonly kind: 'nowhere' };

const nowhere = { kind: 'nowhere' } as const;
/** No run begins later. */
const farFutureAtMs = Date.parse('9999-12-31T23:59:59Z');

/** Reads the records that say which kind a report is. Rejects when the runs cannot be read. */
export async function classifyReport(
  sent: { readonly followed: FollowedTarget; readonly report: Report; readonly atMs: number },
  runs: Pick<RunRecords, 'newest'>,
): Promise<ReportPlace> {
  const { followed, atMs } = sent;
  const { run, target } = followed;
  const next = { kind: 'next', atMs } as const;
  if (run !== undefined && isEndOf(run, sent))
    return { ...next, atMs: Math.max(atMs, lastSeenAtMs(run, followed) + 1) };
  if (run !== undefined && atMs > run.lastGoodAtMs) return next;
  const last = run ?? (await runs.newest(target.id, farFutureAtMs));
  if (last === undefined) return next;
  const past = last.startedAtMs > atMs ? await runs.newest(target.id, atMs) : last;
  if (past === undefined) return nowhere;
  if (atMs <= lastSampleAtMs(past)) return placeWithin(past, sent);
  return past.id === last.id ? placeAfter(past, sent) : nowhere;
}

/** Whether a report has the final figures of a run: it was sent when the test was over. */
function isEndOf(run: Run, { report, atMs }: { readonly report: Report; readonly atMs: number }): boolean {
  return atMs > run.startedAtMs && !isUnderWay(report.state) && !countersFell(run.total, report.total);
}

/**
 * The last instant of the run of which there may be a sample, ms. The collector may have got it out of the web UI's cache,
 * which says for 2 s more that the test runs, and have put it on the status alone. Its instants are aligned to the clock,
 * as the arrival of a report is only by chance.
 */
function lastSeenAtMs({ id, lastGoodAtMs }: Run, { stored, target }: FollowedTarget): number {
  const checkedAtMs = stored?.run === id && isFetched(target) ? Date.parse(stored.checkedAt) : -Infinity;
  const isInstant = checkedAtMs % (target.sampleSeconds * 1000) === 0;
  return isInstant ? Math.max(lastGoodAtMs, checkedAtMs) : lastGoodAtMs;
}

/**
 * Where the figures stand that a Locust closes its run with, ms: never in the point that the collector wrote at the run's
 * end, for of two requests to InfluxDB nobody knows which comes last.
 */
function closingAtMs({ ended, closedAtMs }: Run, atMs: number): number {
  return Math.max(atMs, closedAtMs ?? (ended?.atMs ?? -Infinity) + 1);
}

/** @param run of which there are samples that are as new */
function placeWithin(run: Run, sent: { readonly report: Report; readonly atMs: number }): ReportPlace {
  const { ended, closedAtMs } = run;
  const again = { kind: 'again', run, atMs: sent.atMs } as const;
  if (ended?.outcome !== 'finished' || !isEndOf(run, sent)) return again;
  return closedAtMs === ended.atMs
    ? { ...again, atMs: closedAtMs }
    : { kind: 'last-figures', run, atMs: closingAtMs(run, sent.atMs) };
}

/** @param run the last one, which is not under way as far as its target says */
function placeAfter(run: Run, { report, atMs }: { readonly report: Report; readonly atMs: number }): ReportPlace {
  const { ended } = run;
  const next = { kind: 'next', atMs } as const;
  if (atMs - lastSampleAtMs(run) >= lostAfterMs) return ended === undefined ? { kind: 'resume', run } : next;
  if (ended?.outcome !== 'finished') return { kind: 'resume', run };
  const isLast = !isActive(report.state) && !countersFell(run.total, report.total);
  return isLast ? { kind: 'last-figures', run, atMs: closingAtMs(run, atMs) } : next;
}

function lastSampleAtMs({ ended, lastGoodAtMs }: Run): number {
  return ended?.outcome === 'finished' ? ended.atMs : lastGoodAtMs;
}

import type { Report } from '../locust/report.ts';
import type { RunRecords } from '../registry/runs.ts';
import { countersFell, isActive, lostAfterMs } from '../runs/run.ts';
import type { Run } from '../runs/run.ts';
import type { FollowedTarget } from './followed-target.ts';

/** What a report that was sent means for its target. */
export type ReportPlace =
  /** It is the newest: the run under way goes on or ends, or one begins. */
  | { readonly kind: 'next' }
  /** Of this instant, or of a later one, there is a sample already: its points are written again, and no more. */
  | { readonly kind: 'again'; readonly run: Run }
  /** The run has ended, and these are its last figures. */
  | { readonly kind: 'last-figures'; readonly run: Run }
  /** The run was given up for lost, or its target lost sight of it: it goes on. */
  | { readonly kind: 'resume'; readonly run: Run }
  /** It is older than the run that began last, and belongs to none. */
  | { readonly kind: 'nowhere' };

const next = { kind: 'next' } as const;
const nowhere = { kind: 'nowhere' } as const;
/** No run begins later. */
const farFutureMs = Date.parse('9999-12-31T23:59:59Z');

/** Finds out. Rejects when the runs cannot be read. */
export async function placeOfReport(
  sent: { readonly followed: FollowedTarget; readonly report: Report; readonly atMs: number },
  runs: Pick<RunRecords, 'newest'>,
): Promise<ReportPlace> {
  const { followed, atMs } = sent;
  const { run, target } = followed;
  if (run !== undefined && atMs > run.lastGoodAtMs) return next;
  const last = run ?? (await runs.newest(target.id, farFutureMs));
  if (last === undefined) return next;
  const past = last.startedAtMs > atMs ? await runs.newest(target.id, atMs) : last;
  if (past === undefined) return nowhere;
  if (atMs <= lastSampleMs(past)) return { kind: 'again', run: past };
  return past.id === last.id ? placeAfter(past, sent) : nowhere;
}

/** @param run the last one, which is not under way as far as its target says */
function placeAfter(run: Run, { report, atMs }: { readonly report: Report; readonly atMs: number }): ReportPlace {
  const { ended } = run;
  if (atMs - lastSampleMs(run) >= lostAfterMs) return ended === undefined ? { kind: 'resume', run } : next;
  if (ended?.outcome !== 'finished') return { kind: 'resume', run };
  const isLast = !isActive(report.state) && !countersFell(run.total, report.total);
  return isLast ? { kind: 'last-figures', run } : next;
}

function lastSampleMs({ ended, lastGoodAtMs }: Run): number {
  return ended?.outcome === 'finished' ? ended.atMs : lastGoodAtMs;
}

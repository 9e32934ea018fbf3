import { dateHistory } from '../../locust/page/history.ts';
import type { DatedEntry } from '../../locust/page/history.ts';
import type { PageReading } from '../../locust/fetch/read-page.ts';
import type { Report } from '../../locust/report/report.ts';
import { withFilled } from '../../runs/filled-timeline.ts';
import { isUnderWay } from '../../runs/locust-state.ts';
import type { Run, RunStep } from '../../runs/run.ts';
import { trueStartOf } from '../../runs/true-start.ts';
import { endOfHistory } from '../../runs/unseen-test.ts';
import type { FollowedTarget } from '../followed-target.ts';
import type { Scrape } from '../scrape.ts';
import { withSetup } from '../with-setup.ts';

/** A step, and what Locust itself has kept of the time in which nobody looked at its run. */
export interface ConsultedStep {
  readonly step: RunStep;
  /** Entries between two samples of `step.run ?? step.ended`. */
  readonly missed: readonly DatedEntry[];
}

/** A time without a sample is a gap when it is longer than so many intervals. */
const gapIntervals = 2;

/**
 * A step with what Locust's own page says of it. The page is asked for when a run begins, for its set-up and its true start,
 * and at the first sample after a gap. Never rejects.
 */
export async function consultPage(step: RunStep, scrape: Scrape): Promise<ConsultedStep> {
  const { followed, fetched } = scrape;
  const report = fetched.ok ? fetched.report : undefined;
  if (report === undefined) return { step, missed: [] };
  const { run } = step;
  if (run !== undefined && run.id !== followed.run?.id) return consultAtStart({ step, run, report }, scrape);
  const over = step.ended?.ended?.outcome === 'finished' ? step.ended : undefined;
  return consultAfterGap({ step, run: run ?? over, report }, scrape);
}

/** A report that is sent brings its set-up along. */
async function consultAtStart(
  { step, run, report }: { readonly step: RunStep; readonly run: Run; readonly report: Report },
  { followed, readPage, atMs }: Scrape,
): Promise<ConsultedStep> {
  const { target } = followed;
  const reading = report.setup === undefined ? await readPage?.() : undefined;
  const history = historyOf(reading, { atMs });
  const sinceAtMs = step.ended?.ended?.atMs ?? lastAtRestMs(followed);
  const beganAtMs = trueStartOf({ report, history, atMs, sinceAtMs });
  const begun = withSetup({ ...run, ...(beganAtMs !== undefined && { beganAtMs }) }, { target, report, reading });
  const missed = missedIn(history, { fromMs: (beganAtMs ?? atMs) - 1, untilMs: atMs }, target.sampleSeconds);
  return { step: { ...step, run: withFilled(begun, missed, target.sampleSeconds) }, missed };
}

async function consultAfterGap(
  { step, run, report }: { readonly step: RunStep; readonly run: Run | undefined; readonly report: Report },
  { followed, readPage, atMs }: Scrape,
): Promise<ConsultedStep> {
  const before = followed.run;
  const { sampleSeconds, owner } = followed.target;
  // A Locust that registered itself reports what the collector does not see: who does not know of a sample may not say that it is missing.
  if (run === undefined || run.id !== before?.id || owner === 'reporter') return { step, missed: [] };
  const gap = { fromMs: lastGoodAtMs(before, followed), untilMs: atMs };
  if (!isGap(gap, sampleSeconds)) return { step, missed: [] };
  const isOver = !isUnderWay(report.state);
  const history = historyOf(await readPage?.(), isOver ? { atMs, sinceAtMs: gap.fromMs } : { atMs });
  // Of a Locust at rest it may be that of another test, which began in the gap.
  const isOfRun = !isOver || (history[0]?.atMs ?? Infinity) <= gap.fromMs;
  if (!isOfRun) return { step, missed: [] };
  const missed = missedIn(isOver ? endOfHistory(history) : history, gap, sampleSeconds);
  const filled = withFilled(run, missed, sampleSeconds);
  if (step.run !== undefined) return { step: { ...step, run: filled }, missed };
  return {
    step: { ...step, ended: endedInGap(filled, { lastAtMs: missed.at(-1)?.atMs ?? gap.fromMs, atMs }) },
    missed,
  };
}

/** Locust adds to its history every 5 s until a test is over. */
const historyStepMs = 5_000;

/** A run that was over before it was seen again ended right after the last that Locust has noted of it. */
function endedInGap(run: Run, { lastAtMs, atMs }: { readonly lastAtMs: number; readonly atMs: number }): Run {
  if (run.ended === undefined) return run;
  return { ...run, ended: { ...run.ended, atMs: Math.min(atMs, lastAtMs + historyStepMs) } };
}

/** The history of a page with its instants; empty where the page could not be read. */
export function historyOf(
  reading: PageReading | undefined,
  read: { readonly atMs: number; readonly sinceAtMs?: number },
): readonly DatedEntry[] {
  return reading?.ok === true ? dateHistory(reading.page.history, read) : [];
}

interface Gap {
  readonly fromMs: number;
  readonly untilMs: number;
}

function missedIn(history: readonly DatedEntry[], gap: Gap, sampleSeconds: number): readonly DatedEntry[] {
  if (!isGap(gap, sampleSeconds)) return [];
  return history.filter(({ atMs }) => atMs > gap.fromMs && atMs < gap.untilMs);
}

function isGap({ fromMs, untilMs }: Gap, sampleSeconds: number): boolean {
  return untilMs - fromMs > gapIntervals * sampleSeconds * 1000;
}

/** The status may be newer than the record of a run whose collector was ended at once. */
function lastGoodAtMs(run: Run, { latest }: FollowedTarget): number {
  if (latest?.error !== undefined || latest?.run !== run.id) return run.lastGoodAtMs;
  return Math.max(run.lastGoodAtMs, Date.parse(latest.checkedAt));
}

/** When Locust was last seen without a test, ms. */
function lastAtRestMs({ latest }: FollowedTarget): number | undefined {
  const isAtRest = latest?.state !== undefined && latest.error === undefined && !isUnderWay(latest.state);
  return isAtRest ? Date.parse(latest.checkedAt) : undefined;
}

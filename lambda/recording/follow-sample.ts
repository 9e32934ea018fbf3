import { sampleLines } from '../influx/sample-lines.ts';
import type { FetchedReport } from '../locust/fetch-report.ts';
import type { Target } from '../registry/target.ts';
import { observe } from '../runs/run.ts';
import type { Run } from '../runs/run.ts';
import { eventLines, seriesOf } from './event-lines.ts';
import type { FollowedTarget } from './followed-target.ts';
import { recordStep } from './record-step.ts';
import type { RecordedStep } from './record-step.ts';
import type { RecordingContext } from './recording-context.ts';
import { statusAfter } from './status.ts';

/** One attempt to get a target's report at one instant. */
export interface Seen {
  readonly followed: FollowedTarget;
  readonly fetched: FetchedReport;
  readonly atMs: number;
  /** When it came, for a report that was sent, ms. Its last one is written whatever its state: it has the final figures. */
  readonly sentReportAtMs?: number;
}

/**
 * Does all that follows from one attempt: the target's run, its status, its lines. Never rejects: what fails besides
 * the target is told to the observer and counted.
 * @returns what it did to the run, as it stands on record
 */
export async function followSample(seen: Seen, context: RecordingContext): Promise<RecordedStep> {
  const { followed, fetched, atMs, sentReportAtMs } = seen;
  const { target } = followed;
  const report = fetched.ok ? fetched.report : undefined;
  const failure = fetched.ok ? undefined : fetched.failure;
  const before = followed.stored;
  const wanted = observe(followed.run, { atMs, report, sampleSeconds: target.sampleSeconds });
  const status = statusAfter({ atMs, knownAtMs: sentReportAtMs, report, failure, run: wanted.run?.id }, before);
  followed.latest = status;
  const step = await recordStep({ followed, wanted, status }, context);
  if (step.run === undefined && step.ended === undefined) context.summary.looks += 1;
  else {
    context.summary.samples += 1;
    if (!fetched.ok) context.summary.samplesFailed += 1;
  }

  const lines = [...eventLines(target, step, atMs), ...linesOfSample(seen, step)];
  context.outbox.add(lines);
  const { observer } = context.ports;
  if (before?.state !== status.state || before?.error?.kind !== failure?.kind || step.started || step.ended) {
    observer.changed?.({
      target: target.id,
      atMs,
      stateBefore: before?.state,
      state: status.state,
      failure,
      failedBefore: before?.error !== undefined,
      run: step.run,
      runStarted: step.started,
      runEnded: step.ended,
    });
  }
  if (step.run !== undefined) observer.sampled?.({ target: target.id, atMs, report, failure, points: lines.length });
  return step;
}

function linesOfSample({ followed, fetched, atMs, sentReportAtMs }: Seen, step: RecordedStep): readonly string[] {
  const run = step.run ?? step.ended;
  if (run === undefined) return [];
  const { target } = followed;
  const isFinal = sentReportAtMs !== undefined && fetched.ok && step.ended?.total === fetched.report.total;
  return linesUnder({ target, run, fetched, atMs, isFinal });
}

/** What one attempt says, under a run. @param sample.isFinal it has the run's last figures: written in any state */
export function linesUnder(sample: {
  readonly target: Target;
  readonly run: Run;
  readonly fetched: FetchedReport;
  readonly atMs: number;
  readonly isFinal: boolean;
}): readonly string[] {
  const { target, run, fetched, atMs, isFinal } = sample;
  const states = isFinal && fetched.ok ? [fetched.report.state] : target.states;
  return sampleLines({
    fetched,
    series: seriesOf(target, run),
    instantMs: atMs,
    states,
    maxEndpoints: target.maxEndpoints,
  });
}

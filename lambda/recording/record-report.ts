import type { DeliveryFate } from '../influx/deliver-or-keep.ts';
import type { RunRecords } from '../registry/runs.ts';
import type { Target, TargetStatus } from '../registry/target.ts';
import type { Targets } from '../registry/targets.ts';
import { runStartOf } from '../runs/run.ts';
import type { Run } from '../runs/run.ts';
import type { Clock } from '../runtime/clock.ts';
import { linesAgain } from './lines-again.ts';
import { stopLines } from './event-lines.ts';
import { followedTarget, runFromId } from './followed-target.ts';
import type { FollowedTarget } from './followed-target.ts';
import { followSample, linesUnder } from './follow-sample.ts';
import { placeOfReport } from './place-of-report.ts';
import type { RecordingObserver } from './recording-observer.ts';
import type { SentReport } from './sent-report.ts';
import { statusAfter } from './status.ts';

export interface ReportPorts {
  readonly clock: Clock;
  readonly targets: Pick<Targets, 'writeStatus'>;
  readonly runs: RunRecords;
  readonly observer: RecordingObserver;
  /** Resolves when every line is stored or kept, or cannot be. */
  readonly deliver: (lines: readonly string[]) => Promise<DeliveryFate>;
}

export interface RecordedReport {
  readonly kind: 'recorded';
  /** The run that its points belong to. */
  readonly run: string | undefined;
  readonly points: number;
  readonly fate: DeliveryFate;
}

/** `moved`: somebody else wrote at the same time, read anew. `unkept`: nothing took the lines, or the tables failed. */
export type ReportOutcome = RecordedReport | { readonly kind: 'moved' | 'unkept' };

const moved = { kind: 'moved' } as const;
const unkept = { kind: 'unkept' } as const;

/**
 * Does all that follows from a report that was sent: what a fetched one does to its target's run, status and lines, by
 * the same code. After any outcome, and at any failure, the same report can be recorded again: its lines come first,
 * and the run goes on only once they are safe; a start or an end is told again by whoever comes again.
 * Rejects when DynamoDB does.
 */
export async function recordReport(sent: SentReport, ports: ReportPorts): Promise<ReportOutcome> {
  const { target, fetched, atMs } = sent;
  const known = await knownOf(target, ports);
  const { followed } = known;
  const place = await placeOfReport({ followed, report: fetched.report, atMs }, ports.runs);
  if (place.kind === 'nowhere') return recorded(undefined, [], ports);
  if (place.kind === 'again') return recordAgain(sent, { followed, run: place.run }, ports);
  if (place.kind === 'last-figures') return recordLastFigures(sent, { followed, run: place.run }, ports);
  if (place.kind === 'next') return recordNext(sent, known, ports);
  const resumed = await resume(target, place.run, ports);
  if ('kind' in resumed) return resumed;
  followed.run = resumed;
  return recordNext(sent, { followed, record: resumed }, ports);
}

interface Known {
  readonly followed: FollowedTarget;
  /** The record of the run under way; undefined when there is none. */
  readonly record: Run | undefined;
}

async function knownOf(target: Target, { runs, clock }: ReportPorts): Promise<Known> {
  const id = target.status?.run;
  const records = id === undefined ? new Map<string, Run>() : await runs.read([{ target: target.id, run: id }]);
  const followed = followedTarget(target, records, clock.now());
  const record = records.get(target.id);
  if (followed.run !== undefined && record === undefined) {
    // Its record could not be written: so far it has been seen at its start alone.
    const startMs = runStartOf(followed.run.id);
    followed.run = runFromId(followed.run.id, Number.isNaN(startMs) ? followed.run.lastGoodAtMs : startMs);
  }
  return { followed, record };
}

async function recordNext(sent: SentReport, { followed, record }: Known, ports: ReportPorts): Promise<ReportOutcome> {
  const { target, fetched, atMs } = sent;
  const lines: string[] = [];
  const summary = { looks: 0, samples: 0, samplesFailed: 0, platformFailures: 0 };
  const outbox = { add: (more: readonly string[]) => void lines.push(...more) };
  const before = followed.run;
  const seen = { followed, fetched, atMs, sentReportAtMs: ports.clock.now() };
  const step = await followSample(seen, { ports, outbox, summary });
  const run = step.run ?? step.ended;
  // Another has ended the run, or the target is gone.
  if (summary.platformFailures === 0 && (followed.isGone || (before !== undefined && run === undefined))) return moved;
  const outcome = await recorded(run, lines, ports);
  if (summary.platformFailures > 0 || outcome.kind === 'unkept') return unkept;
  const goesOn = step.run !== undefined && step.started === undefined && step.run.lastGoodAtMs === atMs;
  if (goesOn && !(await ports.runs.replace(step.run, ownerOf(target), record))) return moved;
  return (await isTold(followed, ports)) ? outcome : moved;
}

/** Brings the figures of the status up to date. False when the target is gone, or another moved its run on. */
async function isTold({ target, stored, latest }: FollowedTarget, { targets }: ReportPorts): Promise<boolean> {
  if (latest === undefined || latest === stored || latest.run !== stored?.run) return true;
  return (await targets.writeStatus(target.id, latest, stored?.run)).result === 'written';
}

interface PastRun {
  readonly followed: FollowedTarget;
  readonly run: Run;
}

async function recordAgain(sent: SentReport, past: PastRun, ports: ReportPorts): Promise<ReportOutcome> {
  const outcome = await recorded(past.run, await linesAgain(sent, past.run, ports.runs), ports);
  const { stored, target, run } = past.followed;
  // The run's end is on record, but its status could not be written.
  if (outcome.kind === 'recorded' && run === undefined && stored?.run === past.run.id) {
    await ports.targets.writeStatus(target.id, statusAtRest(stored, past.run.lastState), stored.run);
  }
  return outcome;
}

async function recordLastFigures(
  sent: SentReport,
  { followed, run }: PastRun,
  ports: ReportPorts,
): Promise<ReportOutcome> {
  const { target, fetched, atMs } = sent;
  const { report } = fetched;
  const outcome = await recorded(run, linesUnder({ target, run, fetched, atMs, isFinal: true }), ports);
  if (outcome.kind === 'unkept') return outcome;
  const last = { ...run, total: report.total, lastState: report.state };
  if (!(await ports.runs.replace(last, ownerOf(target), run))) return moved;
  const attempt = { atMs, knownAtMs: ports.clock.now(), report, failure: undefined, run: undefined };
  followed.latest = statusAfter(attempt, followed.stored);
  return (await isTold(followed, ports)) ? outcome : moved;
}

/** Opens a run again. Its stop, where one was told, is told otherwise before: whoever breaks off here comes again. */
async function resume(
  target: Target,
  run: Run,
  ports: ReportPorts,
): Promise<Run | { readonly kind: 'moved' | 'unkept' }> {
  if (run.ended === undefined) return run;
  const text = `run ${run.id} went on: its reports came late`;
  const told = await recorded(run, stopLines(target, run, text), ports);
  if (told.kind === 'unkept') return unkept;
  const reopened = { ...run };
  delete reopened.ended;
  return (await ports.runs.replace(reopened, ownerOf(target), run)) ? reopened : moved;
}

async function recorded(
  run: Run | undefined,
  lines: readonly string[],
  { deliver }: ReportPorts,
): Promise<RecordedReport | typeof unkept> {
  const fate = lines.length === 0 ? nothing : await deliver(lines);
  if (fate.unkept.length > 0) return unkept;
  return { kind: 'recorded', run: run?.id, points: lines.length, fate };
}

const nothing: DeliveryFate = { delivered: 0, spooled: 0, rejected: 0, unkept: [] };

const ownerOf = ({ id, project }: Target): { target: string; project: string } => ({ target: id, project });

function statusAtRest(stored: TargetStatus, state: string): TargetStatus {
  const status = { ...stored, state };
  delete status.run;
  return status;
}

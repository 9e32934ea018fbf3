import { noTotals } from '../../influx/delivery/delivery.ts';
import type { DeliveryResult } from '../../influx/delivery/delivery.ts';
import { joinLines, noLines } from '../../influx/lines.ts';
import type { Lines } from '../../influx/lines.ts';
import type { RunRecords } from '../../runs/records/runs.ts';
import { runOwnerOf } from '../../targets/run-owner.ts';
import type { Target, TargetStatus } from '../../targets/target.ts';
import type { Targets } from '../../targets/targets.ts';
import { runStartOf, withFinalFigures } from '../../runs/run.ts';
import type { Run } from '../../runs/run.ts';
import { unrecordedRun } from '../../runs/unrecorded-run.ts';
import type { Clock } from '../../runtime/clock.ts';
import { readKnownReportLines } from './lines-of-known-report.ts';
import { FollowedTarget, stateFromTables } from '../followed-target.ts';
import type { RunKnowledge } from '../followed-target.ts';
import { recordScrape } from '../record-scrape.ts';
import { closeRun } from '../ends/close-run.ts';
import { readRunLines, reopenedLines } from '../ends/end-lines.ts';
import { linesUnder } from '../sample-lines-under.ts';
import { classifyReport } from './classify-sent-report.ts';
import type { RecordingObserver } from '../recording-observer.ts';
import type { SentReport } from './sent-report.ts';
import { statusAfter, unreadOf } from '../status.ts';

export interface ReportPorts {
  readonly clock: Clock;
  readonly targets: Pick<Targets, 'writeStatus'>;
  readonly runs: RunRecords;
  readonly observer: RecordingObserver;
  /** Resolves when every line is stored or kept, or cannot be. */
  readonly deliver: (lines: Lines) => Promise<DeliveryResult>;
}

export interface RecordedReport {
  readonly kind: 'recorded';
  /** The run that its points belong to. */
  readonly run: string | undefined;
  readonly points: number;
  readonly result: DeliveryResult;
  /** It is the first of its run. */
  readonly hasBegunRun?: boolean;
}

/** `moved`: somebody else wrote at the same time; read again. `unkept`: nothing took the lines, or the tables failed. */
export type ReportOutcome = RecordedReport | { readonly kind: 'moved' | 'unkept' };

const moved = { kind: 'moved' } as const;
const unkept = { kind: 'unkept' } as const;

/**
 * Does all that follows from a report that was sent: what a fetched one does to its target's run, status and lines, by
 * the same code. After any outcome, and at any failure, the same report can be recorded again: its lines come first,
 * and the run goes on only once they are safe; a start or an end is seen again when the report comes again.
 * Rejects when DynamoDB does.
 */
export async function recordReport(sent: SentReport, ports: ReportPorts): Promise<ReportOutcome> {
  const { target, fetched } = sent;
  const known = await readKnown(target, ports);
  const { followed } = known;
  const place = await classifyReport({ followed, report: fetched.report, atMs: sent.atMs }, ports.runs);
  if (place.kind === 'nowhere') return deliverLines(undefined, noLines, ports);
  if (place.kind === 'again') return recordAgain({ ...sent, atMs: place.atMs }, { followed, run: place.run }, ports);
  if (place.kind === 'last-figures') {
    return recordLastFigures({ ...sent, atMs: place.atMs }, { followed, run: place.run }, ports);
  }
  if (place.kind === 'next') return recordNext({ ...sent, atMs: place.atMs }, known, ports);
  const resumed = await resume(target, place.run, ports);
  if ('kind' in resumed) return resumed;
  followed.resumed(resumed);
  return recordNext(sent, { followed, record: resumed }, ports);
}

interface Known {
  readonly followed: FollowedTarget;
  /** The record of the run under way; undefined when there is none. */
  readonly record: Run | undefined;
}

async function readKnown(target: Target, { runs, clock }: ReportPorts): Promise<Known> {
  const id = target.status?.run;
  const records = id === undefined ? new Map<string, Run>() : await runs.read([{ target: target.id, run: id }]);
  const record = records.get(target.id);
  const state = stateFromTables(target, records, clock.now());
  const run = state.run.kind === 'under-way' && record === undefined ? seenAtItsStart(state.run) : state.run;
  return { followed: new FollowedTarget(target, { ...state, run }), record };
}

/** Its record could not be written: so far the run has been seen at its start alone. */
function seenAtItsStart(known: Extract<RunKnowledge, { kind: 'under-way' }>): RunKnowledge {
  const { id, lastGoodAtMs } = known.run;
  const startAtMs = runStartOf(id);
  return { ...known, run: unrecordedRun(id, { lastGoodAtMs: Number.isNaN(startAtMs) ? lastGoodAtMs : startAtMs }) };
}

async function recordNext(sent: SentReport, { followed, record }: Known, ports: ReportPorts): Promise<ReportOutcome> {
  const { target, fetched, atMs } = sent;
  const added: Lines[] = [];
  const summary = { looks: 0, samples: 0, samplesFailed: 0, platformFailures: 0 };
  const add = (lines: Lines): void => void added.push(lines);
  const outbox = { add, addOver: add };
  const before = followed.run;
  const scrape = { followed, fetched, atMs, receivedAtMs: ports.clock.now() };
  const step = await recordScrape(scrape, { ports, outbox, summary });
  const run = step.run ?? step.ended;
  // Another has ended the run, or the target is gone.
  const hasMoved = followed.isRemoved || step.isOthersEnd === true || (before !== undefined && run === undefined);
  if (summary.platformFailures === 0 && hasMoved) return moved;
  const outcome = await deliverLines(run, joinLines(added), ports);
  if (summary.platformFailures > 0 || outcome.kind === 'unkept') return unkept;
  const goesOn = step.run !== undefined && step.started === undefined && step.run.lastGoodAtMs === atMs;
  if (goesOn && !(await ports.runs.replace(step.run, runOwnerOf(target), record))) return moved;
  if (!(await writeFigures(followed, ports))) return moved;
  return step.started === undefined ? outcome : { ...outcome, hasBegunRun: true };
}

/** Brings the figures of the status up to date. False when the target is gone, or another moved its run on. */
async function writeFigures({ target, stored, latest }: FollowedTarget, { targets }: ReportPorts): Promise<boolean> {
  if (latest === undefined || latest === stored || latest.run !== stored?.run) return true;
  return (await targets.writeStatus(target.id, latest, stored?.run)).result === 'written';
}

interface PastRun {
  readonly followed: FollowedTarget;
  readonly run: Run;
}

async function recordAgain(sent: SentReport, past: PastRun, ports: ReportPorts): Promise<ReportOutcome> {
  const outcome = await deliverLines(past.run, await readKnownReportLines(sent, past.run, ports.runs), ports);
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
  const last = { ...withFinalFigures(run, report), closedAtMs: atMs };
  const closed = await closeRun(last, { target, report }, ports.runs);
  const sample = linesUnder({ target, run, fetched, atMs, isFinal: true });
  const lines = joinLines([sample, await readRunLines({ target, run: closed }, ports.runs)]);
  const outcome = await deliverLines(run, lines, ports);
  if (outcome.kind === 'unkept') return outcome;
  if (!(await ports.runs.replace(closed, runOwnerOf(target), run))) return moved;
  const scrape = {
    atMs,
    knownAtMs: ports.clock.now(),
    report,
    failure: undefined,
    unread: unreadOf(followed),
    run: undefined,
  };
  followed.scraped(statusAfter(scrape, followed.stored));
  return (await writeFigures(followed, ports)) ? outcome : moved;
}

/** Opens a run again. Its stop, where one was written, is overwritten first: after a failure here the report comes again. */
async function resume(
  target: Target,
  run: Run,
  ports: ReportPorts,
): Promise<Run | { readonly kind: 'moved' | 'unkept' }> {
  if (run.ended === undefined) return run;
  const stop = await deliverLines(run, reopenedLines({ target, run }, 'its reports came late'), ports);
  if (stop.kind === 'unkept') return unkept;
  const reopened = { ...run };
  delete reopened.ended;
  return (await ports.runs.replace(reopened, runOwnerOf(target), run)) ?? moved;
}

async function deliverLines(
  run: Run | undefined,
  lines: Lines,
  { deliver }: ReportPorts,
): Promise<RecordedReport | typeof unkept> {
  const result = lines.count === 0 ? nothing : await deliver(lines);
  if (result.unkept.count > 0) return unkept;
  return { kind: 'recorded', run: run?.id, points: lines.count, result };
}

const nothing: DeliveryResult = { delivered: 0, spooled: 0, rejected: 0, unkept: noLines, totals: noTotals };

function statusAtRest(stored: TargetStatus, state: string): TargetStatus {
  const status = { ...stored, state };
  delete status.run;
  return status;
}

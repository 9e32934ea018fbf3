import { createDelivery } from '../../influx/delivery/delivery.ts';
import type { DeliveryResult, DeliveryTrouble } from '../../influx/delivery/delivery.ts';
import type { InfluxWriter } from '../../influx/delivery/influx-writer.ts';
import type { Lines } from '../../influx/lines.ts';
import { createDeadLetters } from '../../influx/spool/dead-letters.ts';
import { createSpool } from '../../influx/spool/spool.ts';
import { recordReport } from '../../recording/sent/record-report.ts';
import type { RecordedReport, ReportOutcome } from '../../recording/sent/record-report.ts';
import type { SentReport } from '../../recording/sent/sent-report.ts';
import { collectionOf } from '../../targets/collection-rule.ts';
import type { Target } from '../../targets/target.ts';
import { countDown } from '../../runtime/clock.ts';
import { inTime } from '../../runtime/in-time.ts';
import { retryLostRace } from '../../runtime/retry-lost-race.ts';
import type { ApiFailure, ApiPorts, ReportDelivery } from '../api-ports.ts';
import { decodeSentReport } from './decode-sent-report.ts';
import type { ReportBody } from './decode-sent-report.ts';
import type { ReportBudget } from './report-budget.ts';
import { findFit, requireOwner } from '../targets/edit-target.ts';
import { wakeForRun } from '../targets/wake-for-edit.ts';
import type { Waking } from '../targets/wake-for-edit.ts';
import { ProblemError } from '../http/problem.ts';

/** A report that somebody sends. */
export interface ReportCall extends Waking {
  readonly id: string;
  /** The sender's instant, ms. */
  readonly atMs: number;
  readonly body: ReportBody;
  /** Counts it once it is known that its sender may send it. */
  readonly budget: ReportBudget;
}

/** What became of a report. */
export interface TakenReport extends RecordedReport {
  readonly state: string;
}

/** A wrong clock would put samples where nobody expects them. */
const maxAheadMs = 60_000;
const maxBehindMs = 24 * 60 * 60_000;
/** Of one call; API Gateway waits for 30 s, and who sends must not wait longer than its own interval. */
const callMs = 10_000;
/** Of the delivery; keeping may take 5 s more. */
const deliveryMs = 4_000;
/** So often a report is recorded again because somebody else wrote at the same time. */
const racing = { maxTries: 6, maxPauseMs: 60 };
const retryAfter = { 'retry-after': '5' };

/**
 * Takes a report: does to the target's run, status and lines what a fetched one does. Answers once the lines are at
 * InfluxDB or in the spool. Sent again, after whatever answer or none, it changes nothing but what is missing.
 * @throws ProblemError 403, 404, 409, 413, 422, 429, 503
 */
export async function takeReport(ports: ApiPorts, reports: ReportDelivery, call: ReportCall): Promise<TakenReport> {
  requirePresent(call.atMs, ports.clock.now());
  const target = await findOwn(ports, call).catch((error: unknown) => {
    if (error instanceof ProblemError) call.budget.countRefused(call);
    throw error;
  });
  const startedAtMs = ports.clock.now();
  const decoded = await decodeSentReport(call.body, call.budget.count(call));
  if (!decoded.ok) throw refusal(decoded.failure.kind === 'too-large' ? 'too-large' : 'not-locust', decoded.failure);
  const sizeBytes = call.body.bytes.length;
  const fetched = { ...decoded, sizeBytes, durationMs: ports.clock.now() - startedAtMs };
  const writer = reports.openInflux();
  try {
    const work = record({ target, fetched, atMs: call.atMs }, { ports, reports, call, writer });
    const taken = await inTime(ports.clock, callMs, work);
    if (taken.hasBegunRun === true) await wakeForRun(ports, target, call);
    return { ...taken, state: decoded.report.state };
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    ports.failed({ doing: 'taking a report', target: call.id, error });
    throw unavailable();
  } finally {
    writer.close();
  }
}

function requirePresent(atMs: number, nowMs: number): void {
  const [ahead, behind] = [atMs - nowMs > maxAheadMs, nowMs - atMs > maxBehindMs];
  if (!ahead && !behind) return;
  const message = ahead
    ? 'more than 60 s ahead of the clock here; is the sender’s clock right?'
    : 'more than 24 hours ago';
  throw new ProblemError('invalid-request', `at: ${message}`, { fields: [{ field: 'at', in: 'query', message }] });
}

async function findOwn(ports: ApiPorts, { id, role }: ReportCall): Promise<Target> {
  const found = await findFit(ports, id);
  requireOwner(role, found);
  const { target } = found;
  const collection = collectionOf(target, ports.clock.now());
  if (collection === 'off') throw new ProblemError('not-collected', 'The target is switched off.');
  if (collection === 'expired') {
    throw new ProblemError('not-collected', 'The target has expired. Register it again with a later expiresAt.');
  }
  return target;
}

function refusal(kind: 'too-large' | 'not-locust', { message }: { readonly message: string }): ProblemError {
  return new ProblemError(kind, message, { fields: [{ field: '', in: 'body', message }] });
}

function unavailable(): ProblemError {
  const detail = 'Neither InfluxDB nor the spool takes points now, or the tables do not answer. Send it again.';
  return new ProblemError('unavailable', detail, { headers: retryAfter });
}

interface Recording {
  readonly ports: ApiPorts;
  readonly reports: ReportDelivery;
  readonly call: ReportCall;
  readonly writer: InfluxWriter;
}

async function record(first: SentReport, recording: Recording): Promise<RecordedReport> {
  const { ports, call } = recording;
  const { clock } = ports;
  const recordingPorts = {
    clock,
    targets: ports.targets,
    runs: ports.runs,
    observer: observerOf(recording),
    deliver: deliveryOf(recording),
  };
  let sent: SentReport | undefined = first;
  const recorded = await retryLostRace({ clock, ...racing }, async () => {
    sent ??= { ...first, target: await findOwn(ports, call) };
    const outcome: ReportOutcome = await recordReport(sent, recordingPorts);
    sent = undefined;
    return outcome.kind === 'moved' ? 'conflict' : outcome;
  });
  if (recorded?.kind !== 'recorded') throw unavailable();
  return recorded;
}

function observerOf({ ports, reports, call }: Recording) {
  return {
    ...reports.observer,
    platformFailed: ({ doing, error }: { readonly doing: string; readonly error: unknown }) => {
      ports.failed({ doing, target: call.id, error });
    },
  };
}

/** Its time counts from now on, however often it is called, and though the machine's time is set back meanwhile. */
function deliveryOf({ ports, reports, call, writer }: Recording): (lines: Lines) => Promise<DeliveryResult> {
  const { spoolStore: store, breaker } = reports;
  const { clock } = ports;
  const leftMs = countDown(clock, clock.now() + deliveryMs);
  const delivery = createDelivery({
    writer,
    breaker,
    clock,
    keeping: store && { spool: createSpool(store), deadLetters: createDeadLetters(store) },
    onTrouble: (trouble) => {
      ports.failed({ target: call.id, ...failureOf(trouble) });
    },
  });
  breaker.allowProbe();
  return (lines) => delivery.deliver(lines, clock.now() + leftMs());
}

function failureOf(trouble: DeliveryTrouble): Pick<ApiFailure, 'doing' | 'error' | 'undelivered'> {
  const { lines } = trouble;
  if (trouble.kind === 'not-kept') return { doing: `keeping ${lines} lines`, error: trouble.error };
  const { answer } = trouble;
  const error = new Error(`${answer.outcome} ${answer.status ?? ''}: ${answer.reason}`);
  return { doing: `delivering ${lines} lines to InfluxDB`, error, undelivered: { lines, answer } };
}

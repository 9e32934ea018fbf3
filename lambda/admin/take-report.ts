import { createDeadLetters } from '../influx/dead-letters.ts';
import { createSafeDelivery } from '../influx/deliver-or-keep.ts';
import type { DeliveryFate, SafeDelivery } from '../influx/deliver-or-keep.ts';
import type { Deliverer } from '../influx/deliver.ts';
import { createSpool } from '../influx/spool.ts';
import { recordReport } from '../recording/record-report.ts';
import type { RecordedReport, ReportOutcome } from '../recording/record-report.ts';
import type { SentReport } from '../recording/sent-report.ts';
import type { Target } from '../registry/target.ts';
import { inTime } from '../runtime/in-time.ts';
import type { AdminPorts, ReportDelivery } from './admin-ports.ts';
import { decodeSentReport } from './decode-sent-report.ts';
import type { ReportBody } from './decode-sent-report.ts';
import { findFit, requireOwner } from './edit-target.ts';
import { ProblemError } from './problem.ts';
import type { Role } from './tokens.ts';

/** A report that somebody sends. */
export interface ReportCall {
  readonly id: string;
  readonly role: Role;
  /** The sender's instant, ms. */
  readonly atMs: number;
  readonly body: ReportBody;
}

/** What became of a report. */
export interface TakenReport extends RecordedReport {
  readonly state: string;
}

/** A clock that is wrong would put samples where nobody looks for them. */
const maxAheadMs = 60_000;
const maxBehindMs = 24 * 60 * 60_000;
/** Of one call; API Gateway waits for 30 s, and who sends must not wait longer than its own interval. */
const callMs = 10_000;
/** Of the delivery; keeping may take 5 s more. */
const deliveryMs = 4_000;
/** So often a report is recorded anew because somebody else wrote at the same time. */
const maxAttempts = 6;
const maxPauseMs = 60;
const retryAfter = { 'retry-after': '5' };

/**
 * Takes a report: does to the target's run, status and lines what a fetched one does. Answers once the lines are at
 * InfluxDB or in the spool. Sent again, after whatever answer or none, it changes nothing but what is missing.
 * @throws ProblemError 403, 404, 409, 413, 422, 503
 */
export async function takeReport(ports: AdminPorts, reports: ReportDelivery, call: ReportCall): Promise<TakenReport> {
  requirePresent(call.atMs, ports.clock.now());
  const target = await findOwn(ports, call);
  const startedMs = ports.clock.now();
  const decoded = decodeSentReport(call.body);
  if (!decoded.ok) throw refusal(decoded.failure.kind === 'too-large' ? 'too-large' : 'not-locust', decoded.failure);
  const sizeBytes = call.body.bytes.length;
  const fetched = { ...decoded, sizeBytes, durationMs: ports.clock.now() - startedMs };
  const deliverer = reports.openInflux();
  try {
    const work = record({ target, fetched, atMs: call.atMs }, { ports, reports, call, deliverer });
    return { ...(await inTime(ports.clock, callMs, work)), state: decoded.report.state };
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    ports.failed({ doing: 'taking a report', target: call.id, error });
    throw unavailable();
  } finally {
    deliverer.close();
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

async function findOwn(ports: AdminPorts, { id, role }: ReportCall): Promise<Target> {
  const found = await findFit(ports, id);
  requireOwner(role, found);
  const { target } = found;
  if (!target.enabled) throw new ProblemError('not-collected', 'The target is switched off.');
  if (target.expiresAt !== undefined && Date.parse(target.expiresAt) <= ports.clock.now()) {
    throw new ProblemError('not-collected', 'The target has expired; put it anew.');
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
  readonly ports: AdminPorts;
  readonly reports: ReportDelivery;
  readonly call: ReportCall;
  readonly deliverer: Deliverer;
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
  let sent = first;
  for (let attempts = 1; attempts <= maxAttempts; attempts += 1) {
    const outcome: ReportOutcome = await recordReport(sent, recordingPorts);
    if (outcome.kind === 'recorded') return outcome;
    if (outcome.kind === 'unkept') throw unavailable();
    // Apart from each other, those that collided do not meet again.
    await clock.sleepUntil(clock.now() + Math.random() * maxPauseMs);
    sent = { ...sent, target: await findOwn(ports, call) };
  }
  throw unavailable();
}

function observerOf({ ports, reports, call }: Recording) {
  return {
    ...reports.observer,
    platformFailed: ({ doing, error }: { readonly doing: string; readonly error: unknown }) => {
      ports.failed({ doing, target: call.id, error });
    },
  };
}

/** Its time counts from now on, however often it is called. */
function deliveryOf({
  ports,
  reports,
  call,
  deliverer,
}: Recording): (lines: readonly string[]) => Promise<DeliveryFate> {
  const { spoolStore: store, breaker } = reports;
  const untilMs = ports.clock.now() + deliveryMs;
  const delivery: SafeDelivery = createSafeDelivery({
    deliverer,
    breaker,
    clock: ports.clock,
    keeping: store && { spool: createSpool(store), deadLetters: createDeadLetters(store) },
    told: ({ answer, lines, error }) => {
      const reason = answer && new Error(`${answer.outcome} ${answer.status ?? ''}: ${answer.reason ?? ''}`);
      const doing = answer === undefined ? `keeping ${lines} lines` : `delivering ${lines} lines to InfluxDB`;
      const undelivered = answer && { undelivered: { lines, answer } };
      ports.failed({ doing, target: call.id, error: reason ?? error, ...undelivered });
    },
  });
  breaker.allowProbe();
  return (lines) => delivery.deliver(lines, untilMs);
}

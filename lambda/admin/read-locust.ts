import type { FetchedReport } from '../locust/fetch-report.ts';
import { isFetched } from '../registry/target.ts';
import type { FetchedTarget, Target } from '../registry/target.ts';
import { sampleLines } from '../influx/sample-lines.ts';
import { runIdAt } from '../runs/run.ts';
import type { TargetSecrets } from '../runtime/secrets.ts';
import type { AdminPorts } from './admin-ports.ts';
import type { CheckAnswer, FailureAnswer } from './answers.ts';
import { ProblemError } from './problem.ts';

/** As the collector waits. */
const checkDeadlineMs = 5_000;
/** A registration is not to be kept waiting for a Locust that is not up yet. */
const warningDeadlineMs = 2_000;
const maxPreviewLines = 50;

/**
 * Looks at a target as the collector would, now, and writes nothing. Rejects when the secrets cannot be read.
 * @throws ProblemError 409 for a target that reports by itself
 */
export async function checkTarget(ports: AdminPorts, target: Target): Promise<CheckAnswer> {
  if (!isFetched(target)) {
    const detail = 'This target reports by itself while its test runs; there is nothing that could be asked.';
    throw new ProblemError('reports-by-itself', detail);
  }
  const instantMs = ports.clock.now();
  const attempt = { checkedAt: new Date(instantMs).toISOString() };
  const secrets = await secretsOf(ports, target);
  if (secrets === undefined) return { reachable: false, ...attempt, durationMs: 0, failure: noCredentials };
  const fetched = await read(ports, { target, secrets, deadlineMs: checkDeadlineMs });
  const { durationMs } = fetched;
  if (!fetched.ok) return { reachable: false, ...attempt, durationMs, failure: fetched.failure };
  const { report, dialect, sizeBytes } = fetched;
  const series = {
    project: target.project,
    target: target.id,
    run: target.status?.run ?? runIdAt(instantMs),
    tags: target.tags,
  };
  // As in a state that is written, so that there is something to see.
  const lines = sampleLines({ fetched, series, instantMs, states: [report.state], maxEndpoints: target.maxEndpoints });
  return {
    reachable: true,
    ...attempt,
    durationMs,
    sizeBytes,
    dialect,
    state: report.state,
    users: report.userCount ?? null,
    endpoints: report.endpoints.length,
    badRows: report.badRows,
    writes: (target.states as readonly string[]).includes(report.state),
    preview: { lines: lines.slice(0, maxPreviewLines), total: lines.length },
  };
}

/** What would keep a target that was just written from being collected. Never rejects: the target is registered. */
export async function warningsFor(ports: AdminPorts, target: Target): Promise<FailureAnswer[]> {
  const warnings: FailureAnswer[] = [];
  if (target.expiresAt !== undefined && Date.parse(target.expiresAt) <= ports.clock.now()) {
    warnings.push({ kind: 'expired', message: 'expiresAt is past, so the target is not collected.' });
  }
  if (!isFetched(target)) return warnings;
  const secrets = await secretsOf(ports, target).catch(() => undefined);
  if (secrets === undefined) return [...warnings, noCredentials];
  const fetched = await read(ports, { target, secrets, deadlineMs: warningDeadlineMs });
  return fetched.ok ? warnings : [...warnings, fetched.failure];
}

const noCredentials: FailureAnswer = {
  kind: 'no-credentials',
  message: 'The credentials of this target cannot be read; give auth and headers anew.',
};

/** Undefined when the target has some, but they are not there. */
async function secretsOf(ports: AdminPorts, { id, secretsRef }: Target): Promise<TargetSecrets | undefined> {
  return secretsRef === undefined ? {} : ports.secrets.read({ target: id, ref: secretsRef });
}

async function read(
  ports: AdminPorts,
  { target, secrets, deadlineMs }: { target: FetchedTarget; secrets: TargetSecrets; deadlineMs: number },
): Promise<FetchedReport> {
  const locust = ports.openLocust();
  try {
    return await locust.fetchReport({ url: target.url, ...secrets, tls: target.tls, deadlineMs });
  } finally {
    locust.close();
  }
}

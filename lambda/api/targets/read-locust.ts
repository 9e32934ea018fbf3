import type { FetchedReport } from '../../locust/fetch/fetch-report.ts';
import { hasExpired } from '../../targets/collection-rule.ts';
import { isFetched } from '../../targets/target.ts';
import type { FetchedTarget, Target } from '../../targets/target.ts';
import { separateLines } from '../../influx/lines.ts';
import { sampleLines } from '../../influx/points/sample-lines.ts';
import { runIdAt } from '../../runs/run.ts';
import type { TargetSecrets } from '../../runtime/secrets.ts';
import { findSecretsOf } from '../../runtime/target-secrets.ts';
import type { ApiPorts } from '../api-ports.ts';
import type { CheckAnswer, FailureAnswer } from '../answers.ts';
import { ProblemError } from '../http/problem.ts';
import type { Role } from '../http/tokens.ts';

/** As the collector waits. */
const checkTimeoutMs = 5_000;
/**
 * A registration does not wait for a Locust that is not up yet. Below a second, because each one that waits keeps one
 * of the account's concurrent executions, of which a new account has ten, from the collector.
 */
const warningTimeoutMs = 900;
const maxPreviewLines = 50;

/**
 * Asks a target as the collector would, now, and writes nothing. Rejects when the secrets cannot be read.
 * @throws ProblemError 409 for a target that reports by itself
 */
export async function checkTarget(ports: ApiPorts, target: Target): Promise<CheckAnswer> {
  if (!isFetched(target)) {
    const detail = 'This target reports by itself while its test runs; there is nothing that could be asked.';
    throw new ProblemError('reports-by-itself', detail);
  }
  const instantMs = ports.clock.now();
  const attempt = { checkedAt: new Date(instantMs).toISOString() };
  const secrets = await findSecretsOf(ports.secrets, target);
  if (secrets === undefined) return { reachable: false, ...attempt, durationMs: 0, failure: noCredentials };
  const fetched = await read(ports, { target, secrets, timeoutMs: checkTimeoutMs });
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
  const { maxEndpoints, maxErrors } = target;
  const lines = sampleLines({ fetched, series, instantMs, states: [report.state], maxEndpoints, maxErrors });
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
    notices: report.notices.map(({ message }) => message),
    writes: (target.states as readonly string[]).includes(report.state),
    preview: { lines: separateLines(lines).slice(0, maxPreviewLines), total: lines.count },
  };
}

/**
 * What would keep a target that was just written from being collected. For an admin it asks the Locust; for a reporter
 * it asks nobody, for its answer would say which addresses and ports here are open. Never rejects: the target is
 * registered.
 */
export async function findWarnings(ports: ApiPorts, target: Target, role: Role): Promise<FailureAnswer[]> {
  const warnings: FailureAnswer[] = [];
  if (hasExpired(target, ports.clock.now())) {
    warnings.push({ kind: 'expired', message: 'expiresAt is past, so the target is not collected.' });
  }
  if (role === 'reporter' || !isFetched(target)) return warnings;
  const secrets = await findSecretsOf(ports.secrets, target).catch(() => undefined);
  if (secrets === undefined) return [...warnings, noCredentials];
  const fetched = await read(ports, { target, secrets, timeoutMs: warningTimeoutMs });
  return fetched.ok ? warnings : [...warnings, fetched.failure];
}

const noCredentials: FailureAnswer = {
  kind: 'no-credentials',
  message: 'The credentials of this target cannot be read; enter auth and headers again.',
};

async function read(
  ports: ApiPorts,
  { target, secrets, timeoutMs }: { target: FetchedTarget; secrets: TargetSecrets; timeoutMs: number },
): Promise<FetchedReport> {
  const locust = ports.openLocust();
  try {
    return await locust.fetchReport({ url: target.url, target: target.id, ...secrets, tls: target.tls, timeoutMs });
  } finally {
    locust.close();
  }
}

import { SQSClient } from '@aws-sdk/client-sqs';
import { createS3Spool } from '../influx/spool/s3-spool.ts';
import { createLocustClient } from '../locust/fetch/fetch-report.ts';
import { createLoginSessions } from '../locust/login/login-sessions.ts';
import { writerOpener } from '../influx/delivery/influx-writer.ts';
import { createRuns } from '../runs/records/runs.ts';
import { createTargets } from '../targets/targets.ts';
import type { Target } from '../targets/target.ts';
import { createClaims } from '../windows/claims.ts';
import { createWindows } from '../windows/last-windows.ts';
import { awsLimits } from '../runtime/aws-limits.ts';
import { systemClock as clock } from '../runtime/clock.ts';
import { openTables } from '../runtime/open-tables.ts';
import type { TargetSecrets } from '../runtime/secrets.ts';
import { readSecretsOf } from '../runtime/target-secrets.ts';
import type { TargetSecretsStore } from '../runtime/target-secrets.ts';
import { createCollector } from './collector.ts';
import type { Collector } from './collector.ts';
import { parseCollectorEnv } from './env.ts';
import type { CollectorEnv } from './env.ts';
import { createTelemetry } from './window-figures/telemetry.ts';
import { createQueueWake, noWake } from './wake.ts';
import type { Wake } from './wake.ts';
import type { CollectorPorts } from './window-context.ts';

function portsOf(env: CollectorEnv): CollectorPorts {
  const tables = openTables();
  const { wakeQueueUrl, spoolBucket, allowPrivateAddresses } = env;
  const logins = createLoginSessions();
  return {
    clock,
    targets: createTargets(tables, env.targetsTable),
    runs: createRuns(tables, env.runsTable),
    windows: createWindows(tables, env.runsTable),
    claims: createClaims(tables, env.runsTable),
    wake: wakeQueueUrl === undefined ? noWake : queueWake(wakeQueueUrl),
    spoolStore: spoolBucket === undefined ? undefined : createS3Spool({ bucket: spoolBucket }),
    observer: createTelemetry(env.serviceName),
    secretsOf: targetSecrets(env.targetSecretsPrefix),
    openLocust: () =>
      createLocustClient({
        clock,
        logins,
        addressPolicy: { allowPrivate: allowPrivateAddresses, allowLoopback: false },
      }),
    openInflux: writerOpener(env, clock),
  };
}

function queueWake(queueUrl: string): Wake {
  return createQueueWake({ client: new SQSClient({ requestHandler: awsLimits }), queueUrl, clock });
}

/** Its client is loaded when the first target has secrets: most windows need none. */
function targetSecrets(prefix: string | undefined): (target: Target) => Promise<TargetSecrets> {
  let store: Promise<Pick<TargetSecretsStore, 'read'>> | undefined;
  return async (target) => {
    if (target.secretsRef === undefined) return {};
    if (prefix === undefined) throw new Error('TARGET_SECRETS_PREFIX is not set');
    store ??= import('./targets/open-target-secrets.ts').then(({ openTargetSecrets }) => openTargetSecrets(prefix));
    return readSecretsOf(await store, target);
  };
}

let collector: Collector | undefined;

/** The Lambda. The first invocation of an environment parses its variables and makes the clients. */
export const handler: Collector = (event, invocation) => {
  collector ??= createCollectorFromEnvironment();
  return collector(event, invocation);
};

function createCollectorFromEnvironment(): Collector {
  const env = parseCollectorEnv(process.env);
  return createCollector(portsOf(env), { idleSeconds: env.idleSeconds });
}

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createS3Spool } from '../influx/s3-spool.ts';
import { createLocustClient } from '../locust/fetch-report.ts';
import { influxOpener } from '../recording/open-influx.ts';
import { createRuns } from '../registry/runs.ts';
import { createTargets } from '../registry/targets.ts';
import type { Target } from '../registry/target.ts';
import { createWindows } from '../registry/windows.ts';
import { systemClock as clock } from '../runtime/clock.ts';
import type { TargetSecrets } from '../runtime/secrets.ts';
import type { TargetSecretsStore } from '../runtime/target-secrets.ts';
import { createCollector } from './collector.ts';
import type { Collector } from './collector.ts';
import { parseCollectorEnv } from './env.ts';
import type { CollectorEnv } from './env.ts';
import { createTelemetry } from './telemetry.ts';
import { createQueueWake, noWake } from './wake.ts';
import type { CollectorPorts } from './window-context.ts';

/** Without these the SDK waits for ever for a table that does not answer. It tries three times. */
const tableLimits = { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true };

function portsOf(env: CollectorEnv): CollectorPorts {
  const tables = DynamoDBDocumentClient.from(new DynamoDBClient({ requestHandler: tableLimits }), {
    marshallOptions: { removeUndefinedValues: true },
  });
  const { wakeQueueUrl, spoolBucket, allowPrivateAddresses } = env;
  return {
    clock,
    targets: createTargets(tables, env.targetsTable),
    runs: createRuns(tables, env.runsTable),
    windows: createWindows(tables, env.runsTable),
    wake:
      wakeQueueUrl === undefined ? noWake : createQueueWake({ client: new SQSClient(), queueUrl: wakeQueueUrl, clock }),
    spoolStore: spoolBucket === undefined ? undefined : createS3Spool({ bucket: spoolBucket }),
    observer: createTelemetry(),
    secretsOf: targetSecrets(env.targetSecretsPrefix),
    openLocust: () =>
      createLocustClient({ clock, addressPolicy: { allowPrivate: allowPrivateAddresses, allowLoopback: false } }),
    openInflux: influxOpener(env, clock),
  };
}

/** Its client is loaded when the first target has secrets: most windows need none. */
function targetSecrets(prefix: string | undefined): (target: Target) => Promise<TargetSecrets> {
  let store: Promise<Pick<TargetSecretsStore, 'read'>> | undefined;
  return async ({ id, secretsRef }) => {
    if (secretsRef === undefined) return {};
    if (prefix === undefined) throw new Error('TARGET_SECRETS_PREFIX is not set');
    store ??= import('./open-target-secrets.ts').then(({ openTargetSecrets }) => openTargetSecrets(prefix));
    const secrets = await (await store).read({ target: id, ref: secretsRef });
    if (secrets === undefined) throw new Error('they are gone');
    return secrets;
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

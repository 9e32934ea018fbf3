import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createDeliverer } from '../influx/deliver.ts';
import { createLocustClient } from '../locust/fetch-report.ts';
import { createRuns } from '../registry/runs.ts';
import { createTargets } from '../registry/targets.ts';
import { systemClock as clock } from '../runtime/clock.ts';
import { createCollector } from './collector.ts';
import type { Collector } from './collector.ts';
import { parseCollectorEnv } from './env.ts';
import type { CollectorEnv } from './env.ts';
import { createTelemetry } from './telemetry.ts';
import { createQueueWake, noWake } from './wake.ts';
import type { CollectorPorts } from './window-context.ts';

function portsOf(env: CollectorEnv): CollectorPorts {
  const tables = DynamoDBDocumentClient.from(new DynamoDBClient(), {
    marshallOptions: { removeUndefinedValues: true },
  });
  const { wakeQueueUrl, allowPrivateAddresses } = env;
  return {
    clock,
    targets: createTargets(tables, env.targetsTable),
    runs: createRuns(tables, env.runsTable),
    wake:
      wakeQueueUrl === undefined ? noWake : createQueueWake({ client: new SQSClient(), queueUrl: wakeQueueUrl, clock }),
    observer: createTelemetry(),
    secretsOf: () => Promise.resolve({}),
    openLocust: () =>
      createLocustClient({ clock, addressPolicy: { allowPrivate: allowPrivateAddresses, allowLoopback: false } }),
    openInflux: () => createDeliverer({ ...env.influx, clock }),
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

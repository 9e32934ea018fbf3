import { randomBytes } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createCollector } from '../../lambda/collector/collector.ts';
import type { Observer } from '../../lambda/collector/observer.ts';
import { createDeliverer } from '../../lambda/influx/deliver.ts';
import { createLocustClient } from '../../lambda/locust/fetch-report.ts';
import { registerTarget } from '../../lambda/registry/register-target.ts';
import { createRuns } from '../../lambda/registry/runs.ts';
import { targetSettings } from '../../lambda/registry/target.ts';
import { createTargets } from '../../lambda/registry/targets.ts';
import type { Clock } from '../../lambda/runtime/clock.ts';
import { startDemoLocust } from './demo-locust.ts';
import { startEmbeddedDynamoDb } from './embedded-dynamodb.ts';
import { ensureTables } from './ensure-tables.ts';
import { startInfluxStore } from './influx-store.ts';
import { createMinuteClock } from './minute-clock.ts';
import { demoTargetId } from './options.ts';
import type { InfluxSettings, LocalOptions } from './options.ts';
import { tableDefinitions } from './table-definitions.ts';
import type { StartBanner } from './terminal.ts';

const tableNames = { targets: 'Targets', runs: 'Runs' } as const;
const localProject = 'local';

/** Everything on one machine, ready to collect. */
export interface LocalCollector {
  readonly banner: StartBanner;
  /** Collects until the signal is aborted, then ends what is under way and closes everything. */
  run(stop: AbortSignal): Promise<void>;
}

type Stopping = () => Promise<void> | void;

/**
 * Starts the parts that are not given from outside, registers the targets, and wires the collector.
 * What was started is stopped again when a later part fails.
 */
export async function startLocal(options: LocalOptions, clock: Clock, observer: Observer): Promise<LocalCollector> {
  const stopping: Stopping[] = [];
  const stopAll = async (): Promise<void> => {
    for (const stop of stopping.reverse()) await stop();
  };
  try {
    return await assemble({ options, clock, observer, stopping, stopAll });
  } catch (error) {
    await stopAll();
    throw error;
  }
}

interface Assembly {
  readonly options: LocalOptions;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly stopping: Stopping[];
  readonly stopAll: () => Promise<void>;
}

async function assemble({ options, clock, observer, stopping, stopAll }: Assembly): Promise<LocalCollector> {
  const registry = await openRegistry(options, stopping);
  const influx = await openInflux(options, clock, stopping);
  const targets = await registerTargets({ options, clock, stopping, client: registry.client });
  const minuteClock = createMinuteClock(clock, (error) => observer.platformFailed?.({ doing: 'a window', error }));
  const ports = {
    clock,
    observer,
    wake: minuteClock.wake,
    targets: createTargets(registry.client, tableNames.targets),
    runs: createRuns(registry.client, tableNames.runs),
    secretsOf: () => Promise.resolve({}),
    openLocust: () => createLocustClient({ clock, addressPolicy: { allowPrivate: true, allowLoopback: true } }),
    openInflux: () => createDeliverer({ ...influx.settings, clock }),
  };
  return {
    banner: { destination: influx.inWords, registry: registry.inWords, targets },
    async run(stop) {
      const collector = createCollector(ports, { idleSeconds: options.idleSeconds, stop });
      await minuteClock.run(collector, stop);
      await stopAll();
    },
  };
}

async function openRegistry(
  options: LocalOptions,
  stopping: Stopping[],
): Promise<{ client: DynamoDBDocumentClient; inWords: string }> {
  const { dynamoDbEndpoint: given, dataFolder } = options;
  const embedded = given === undefined ? await startEmbeddedDynamoDb({ folder: dataFolder }) : undefined;
  if (embedded !== undefined) stopping.push(() => embedded.stop());
  const endpoint = embedded?.endpoint ?? given;
  const client = new DynamoDBClient({
    ...(endpoint !== undefined && { endpoint }),
    region: process.env['AWS_REGION'] ?? 'us-east-1',
    // DynamoDB Local and its like ask for some credentials and take any.
    ...(process.env['AWS_ACCESS_KEY_ID'] === undefined && {
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    }),
  });
  stopping.push(() => {
    client.destroy();
  });
  await ensureTables(client, tableDefinitions(tableNames));
  return {
    client: DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }),
    inWords: given ?? `${dataFolder}/registry`,
  };
}

async function openInflux(
  options: LocalOptions,
  clock: Clock,
  stopping: Stopping[],
): Promise<{ settings: InfluxSettings; inWords: string }> {
  const { influx, dataFolder: folder } = options;
  if (influx !== undefined) return { settings: influx, inWords: `${influx.url}, bucket ${influx.bucket}` };
  const access = { org: 'local', bucket: 'locust', token: randomBytes(24).toString('base64url') };
  const store = await startInfluxStore({ ...access, folder, port: 0, clock });
  stopping.push(() => store.stop());
  return { settings: { ...access, url: store.url }, inWords: store.path };
}

async function registerTargets(options: {
  readonly options: LocalOptions;
  readonly clock: Clock;
  readonly stopping: Stopping[];
  readonly client: DynamoDBDocumentClient;
}): Promise<StartBanner['targets']> {
  const { clock, stopping, client } = options;
  const demo = options.options.demo ? await startDemoLocust({ clock }) : undefined;
  if (demo !== undefined) stopping.push(() => demo.stop());
  const targets = [
    ...options.options.targets,
    ...(demo === undefined ? [] : [{ id: demoTargetId, url: demo.url, makeBelieve: true }]),
  ];
  for (const { id, url } of targets) {
    const settings = targetSettings.parse({ id, url, project: localProject });
    await registerTarget({ client, table: tableNames.targets }, settings, clock.now());
  }
  return targets;
}

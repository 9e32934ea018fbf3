import { gunzipSync } from 'node:zlib';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createFolderSpool } from '../../../infra/local/store/folder-spool.ts';
import { createCollector } from '../../../lambda/collector/collector.ts';
import { noWake } from '../../../lambda/collector/wake.ts';
import { createInfluxWriter } from '../../../lambda/influx/delivery/influx-writer.ts';
import type { InfluxWriter } from '../../../lambda/influx/delivery/influx-writer.ts';
import { separateLines } from '../../../lambda/influx/lines.ts';
import type { SpoolStore } from '../../../lambda/influx/spool/spool-store.ts';
import { createLocustClient } from '../../../lambda/locust/fetch/fetch-report.ts';
import { createRuns } from '../../../lambda/runs/records/runs.ts';
import { createTargets } from '../../../lambda/targets/targets.ts';
import { systemClock } from '../../../lambda/runtime/clock.ts';
import type { Clock } from '../../../lambda/runtime/clock.ts';
import { tablesOf } from '../../../lambda/runtime/open-tables.ts';

/** What the test tells this program, as a message, once it is to begin. */
export interface CollectorTask {
  readonly dynamoDbEndpoint: string;
  readonly influxUrl: string;
  readonly spoolFolder: string;
  /** Its clock shows this first, ms, and then runs so many times as fast as the machine's. */
  readonly startAtMs: number;
  readonly speed: number;
  /** Windows, one after another; each begins when the last one is over. */
  readonly windows: number;
}

/** What the program says: lines that are safe, in InfluxDB or in the spool. */
export interface Said {
  readonly stored: readonly string[];
  readonly where: 'influxdb' | 'spool';
  /** When that was, on its clock, ms. */
  readonly atMs: number;
}

type Tell = (where: Said['where'], stored: readonly string[]) => void;

function telling(writer: InfluxWriter, say: Tell): InfluxWriter {
  return {
    async write(lines, timeoutMs) {
      const answer = await writer.write(lines, timeoutMs);
      if (answer.outcome === 'delivered') say('influxdb', separateLines(lines));
      return answer;
    },
    close: () => {
      writer.close();
    },
  };
}

function tellingStore(store: SpoolStore, say: Tell): SpoolStore {
  return {
    ...store,
    async put(key, body) {
      await store.put(key, body);
      if (key.startsWith('waiting/')) say('spool', gunzipSync(body).toString().split('\n'));
    },
  };
}

async function run(task: CollectorTask): Promise<void> {
  const beganAtMs = systemClock.now();
  const nowMs = (): number => task.startAtMs + (systemClock.now() - beganAtMs) * task.speed;
  const clock: Clock = {
    now: nowMs,
    passedMs: nowMs,
    sleepUntil: (untilMs, signal) =>
      systemClock.sleepUntil(beganAtMs + (untilMs - task.startAtMs) / task.speed, signal),
    deadline: (afterMs) => systemClock.deadline(afterMs),
  };
  const say: Tell = (where, stored) => process.send?.({ where, stored, atMs: nowMs() } satisfies Said);
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const plain = new DynamoDBClient({ endpoint: task.dynamoDbEndpoint, region: 'us-east-1', credentials });
  const client = tablesOf(plain);
  const influx = { url: task.influxUrl, org: 'test', bucket: 'tests', token: 'influx-token', clock };
  const collector = createCollector(
    {
      clock,
      // One window at a time: each ends with its own minute.
      claims: undefined,
      targets: createTargets(client, 'Targets'),
      runs: createRuns(client, 'Runs'),
      wake: noWake,
      observer: {},
      secretsOf: () => Promise.resolve({}),
      spoolStore: tellingStore(await createFolderSpool(task.spoolFolder, clock), say),
      openLocust: () => createLocustClient({ clock, addressPolicy: { allowPrivate: true, allowLoopback: true } }),
      openInflux: () => telling(createInfluxWriter(influx), say),
    },
    { idleSeconds: 60 },
  );
  for (let window = 0; window < task.windows; window += 1) {
    await collector({}, { getRemainingTimeInMillis: () => 75_000 });
  }
  plain.destroy();
  process.disconnect();
}

process.once('message', (task: CollectorTask) => void run(task));

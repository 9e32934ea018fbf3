import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { lookup as dnsLookup } from 'node:dns';
import { readFileSync } from 'node:fs';
import type { LookupFunction } from 'node:net';
import { createCollector } from '../../../lambda/collector/collector.ts';
import type { WindowSummary } from '../../../lambda/collector/window-figures/summary.ts';
import { noWake } from '../../../lambda/collector/wake.ts';
import { createInfluxWriter } from '../../../lambda/influx/delivery/influx-writer.ts';
import { createLocustClient } from '../../../lambda/locust/fetch/fetch-report.ts';
import { createRuns } from '../../../lambda/runs/records/runs.ts';
import { createTargets } from '../../../lambda/targets/targets.ts';
import { systemClock as clock } from '../../../lambda/runtime/clock.ts';
import { watchStalls } from '../../support/time/stalls.ts';
import type { Stall } from '../../support/time/stalls.ts';
import { tablesOf } from '../../../lambda/runtime/open-tables.ts';

/** What the test tells this program, as a message. */
export interface HostileTask {
  readonly dynamoDbEndpoint: string;
  readonly influxUrl: string;
  readonly remainingMs: number;
}

/** What one window among hostile targets came to. */
export interface HostileOutcome {
  readonly summary: WindowSummary;
  /** How readings of a target ended: `ok` or the failure's kind. */
  readonly outcomes: Readonly<Record<string, readonly string[]>>;
  /** The most memory that this process ever had, resident, MB of 1,048,576 bytes. */
  readonly peakMb: number;
  /** The instant that the window was scheduled for, ms. */
  readonly startAtMs: number;
  readonly endedAtMs: number;
  /** When this process could not go on. */
  readonly stalls: readonly Stall[];
  readonly isPolluted: boolean;
}

let lookups = 0;
/** The second time, the name is the address where a cloud's machines find their credentials. */
const rebinding: LookupFunction = (name, options, callback) => {
  if (name !== 'rebinding.test') {
    dnsLookup(name, options, callback);
    return;
  }
  lookups += 1;
  const address = lookups === 1 ? '127.0.0.1' : '169.254.169.254';
  process.nextTick(callback, null, [{ address, family: 4 }]);
};

/** `maxRSS` of a process begins with what its parent had when it was started; on Linux there is a figure of its own. */
function peakKib(): number {
  const status = process.platform === 'linux' ? readFileSync('/proc/self/status', 'utf8') : '';
  const [, ownKib] = /^VmHWM:\s*(\d+) kB$/m.exec(status) ?? [];
  return Number(ownKib ?? process.resourceUsage().maxRSS);
}

async function run({ dynamoDbEndpoint: endpoint, influxUrl: url, remainingMs }: HostileTask): Promise<void> {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const plain = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
  const client = tablesOf(plain);
  const outcomes = new Map<string, Set<string>>();
  const saw = (target: string, outcome: string): void => {
    outcomes.set(target, (outcomes.get(target) ?? new Set()).add(outcome));
  };
  const addressPolicy = { allowPrivate: true, allowLoopback: true };
  const collector = createCollector(
    {
      clock,
      // One window at a time: each ends with its own minute.
      claims: undefined,
      targets: createTargets(client, 'Targets'),
      runs: createRuns(client, 'Runs'),
      wake: noWake,
      observer: {
        sampled: ({ target, failure }) => {
          saw(target, failure?.kind ?? 'ok');
        },
        changed: ({ target, failure }) => {
          saw(target, failure?.kind ?? 'ok');
        },
      },
      secretsOf: () => Promise.resolve({}),
      openLocust: () => createLocustClient({ clock, addressPolicy, lookup: rebinding }),
      openInflux: () => createInfluxWriter({ url, org: 'test', bucket: 'tests', token: 'influx-token', clock }),
    },
    { idleSeconds: 2 },
  );
  const startAtMs = Math.ceil(clock.now() / 2_000) * 2_000;
  // As the schedule does: at an instant.
  const watch = watchStalls();
  await clock.sleepUntil(startAtMs);
  const [summary] = await collector(
    { scheduledTime: new Date(startAtMs).toISOString() },
    { getRemainingTimeInMillis: () => remainingMs },
  );
  if (summary === undefined) throw new Error('no summary');
  process.send?.({
    summary,
    outcomes: Object.fromEntries([...outcomes].map(([target, kinds]) => [target, [...kinds]])),
    peakMb: peakKib() / 1024,
    startAtMs,
    endedAtMs: clock.now(),
    stalls: watch.stop(),
    isPolluted: 'polluted' in {},
  } satisfies HostileOutcome);
  plain.destroy();
  process.disconnect();
}

process.once('message', (task: HostileTask) => void run(task));

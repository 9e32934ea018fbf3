import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createCollector } from '../../../lambda/collector/collector.ts';
import type { WindowSummary } from '../../../lambda/collector/window-figures/summary.ts';
import { createTelemetry } from '../../../lambda/collector/window-figures/telemetry.ts';
import { noWake } from '../../../lambda/collector/wake.ts';
import type { CollectorPorts } from '../../../lambda/collector/window-context.ts';
import { createInfluxWriter } from '../../../lambda/influx/delivery/influx-writer.ts';
import { createLocustClient } from '../../../lambda/locust/fetch/fetch-report.ts';
import { createRuns } from '../../../lambda/runs/records/runs.ts';
import { createTargets } from '../../../lambda/targets/targets.ts';
import { systemClock as clock } from '../../../lambda/runtime/clock.ts';
import { answerCalls } from './answer-calls.ts';
import { tables } from './table-names.ts';
import { tablesOf } from '../../../lambda/runtime/open-tables.ts';

interface Usage {
  /** CPU of this process so far, all threads, user and system. */
  readonly cpuMs: number;
  /** The most memory that this process ever had, resident, in MB of 1,000,000 bytes. */
  readonly peakMb: number;
}

export interface CollectorCalls {
  /** Wires the collector as the Lambda's handler does, but for the loopback addresses that it may read here. */
  open(input: { readonly dynamoDbEndpoint: string; readonly influxUrl: string }): void;
  /** One window, as the schedule starts it. @param remainingMs as Lambda tells it */
  window(input: { readonly scheduledAtMs: number; readonly remainingMs: number }): Promise<WindowSummary>;
  /** Idle polls by one process, one after the other. @returns the CPU of each, ms */
  idlePolls(input: { readonly count: number }): Promise<readonly number[]>;
  usage(input: undefined): Usage;
}

function portsOf({ dynamoDbEndpoint: endpoint, influxUrl }: Parameters<CollectorCalls['open']>[0]): CollectorPorts {
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
  const plain = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
  const client = tablesOf(plain);
  return {
    clock,
    targets: createTargets(client, tables.targets),
    claims: undefined,
    runs: createRuns(client, tables.runs),
    wake: noWake,
    observer: createTelemetry(),
    secretsOf: () => Promise.resolve({}),
    openLocust: () => createLocustClient({ clock, addressPolicy: { allowPrivate: true, allowLoopback: true } }),
    openInflux: () => createInfluxWriter({ url: influxUrl, org: 'bench', bucket: 'bench', token: 'bench', clock }),
  };
}

let ports: CollectorPorts | undefined;

answerCalls<CollectorCalls>({
  open(input) {
    ports = portsOf(input);
  },
  async window({ scheduledAtMs, remainingMs }) {
    if (ports === undefined) throw new Error('not opened');
    const collector = createCollector(ports, { idleSeconds: 10 });
    const event = { scheduledTime: new Date(scheduledAtMs).toISOString() };
    const [summary] = await collector(event, { getRemainingTimeInMillis: () => remainingMs });
    if (summary === undefined) throw new Error('no summary');
    return summary;
  },
  async idlePolls({ count }) {
    if (ports === undefined) throw new Error('not opened');
    const collector = createCollector(ports, { idleSeconds: 10 });
    const cpuMs: number[] = [];
    for (let poll = 0; poll < count; poll += 1) {
      const before = process.cpuUsage();
      const now = new Date(clock.now()).toISOString();
      const [summary] = await collector({ scheduledTime: now, from: now }, { getRemainingTimeInMillis: () => 10_000 });
      if (summary?.end !== 'idle') throw new Error(`the poll ended as ${summary?.end ?? 'nothing'}`);
      const { user, system } = process.cpuUsage(before);
      cpuMs.push((user + system) / 1000);
    }
    return cpuMs;
  },
  usage() {
    const { user, system } = process.cpuUsage();
    // maxRSS is in KiB.
    return { cpuMs: (user + system) / 1000, peakMb: (process.resourceUsage().maxRSS * 1024) / 1e6 };
  },
});

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createCollector } from '../../../lambda/collector/collector.ts';
import type { WindowSummary } from '../../../lambda/collector/summary.ts';
import { createTelemetry } from '../../../lambda/collector/telemetry.ts';
import { noWake } from '../../../lambda/collector/wake.ts';
import type { CollectorPorts } from '../../../lambda/collector/window-context.ts';
import { createDeliverer } from '../../../lambda/influx/deliver.ts';
import { createLocustClient } from '../../../lambda/locust/fetch-report.ts';
import { createRuns } from '../../../lambda/registry/runs.ts';
import { createTargets } from '../../../lambda/registry/targets.ts';
import { systemClock as clock } from '../../../lambda/runtime/clock.ts';
import { answerCalls } from './answer-calls.ts';
import { tables } from './table-names.ts';

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
  window(input: { readonly scheduledMs: number; readonly remainingMs: number }): Promise<WindowSummary>;
  usage(input: undefined): Usage;
}

function portsOf({ dynamoDbEndpoint: endpoint, influxUrl }: Parameters<CollectorCalls['open']>[0]): CollectorPorts {
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
  const plain = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
  const client = DynamoDBDocumentClient.from(plain, { marshallOptions: { removeUndefinedValues: true } });
  return {
    clock,
    targets: createTargets(client, tables.targets),
    runs: createRuns(client, tables.runs),
    wake: noWake,
    observer: createTelemetry(),
    secretsOf: () => Promise.resolve({}),
    openLocust: () => createLocustClient({ clock, addressPolicy: { allowPrivate: true, allowLoopback: true } }),
    openInflux: () => createDeliverer({ url: influxUrl, org: 'bench', bucket: 'bench', token: 'bench', clock }),
  };
}

let ports: CollectorPorts | undefined;

answerCalls<CollectorCalls>({
  open(input) {
    ports = portsOf(input);
  },
  async window({ scheduledMs, remainingMs }) {
    if (ports === undefined) throw new Error('not opened');
    const collector = createCollector(ports, { idleSeconds: 10 });
    const event = { scheduledTime: new Date(scheduledMs).toISOString() };
    const [summary] = await collector(event, { getRemainingTimeInMillis: () => remainingMs });
    if (summary === undefined) throw new Error('no summary');
    return summary;
  },
  usage() {
    const { user, system } = process.cpuUsage();
    // maxRSS is in KiB.
    return { cpuMs: (user + system) / 1000, peakMb: (process.resourceUsage().maxRSS * 1024) / 1e6 };
  },
});

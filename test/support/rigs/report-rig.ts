import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiPorts } from '../../../lambda/api/api-ports.ts';
import { createCollector } from '../../../lambda/collector/collector.ts';
import type { WindowSummary } from '../../../lambda/collector/window-figures/summary.ts';
import type { IdlePoll } from '../../../lambda/collector/wake.ts';
import { createBreaker } from '../../../lambda/influx/delivery/breaker.ts';
import { createInfluxWriter } from '../../../lambda/influx/delivery/influx-writer.ts';
import type { InfluxWriter } from '../../../lambda/influx/delivery/influx-writer.ts';
import { separateLines } from '../../../lambda/influx/lines.ts';
import type { RunScrape, TargetChange } from '../../../lambda/recording/recording-observer.ts';
import { createLocustClient } from '../../../lambda/locust/fetch/fetch-report.ts';
import { systemClock } from '../../../lambda/runtime/clock.ts';
import type { Clock } from '../../../lambda/runtime/clock.ts';
import { startAdminRig, tokens } from './api-rig.ts';
import type { AdminRig, Answer, Transport } from './api-rig.ts';
import { startFaultyInflux } from '../influx/faulty-influx.ts';
import type { FaultyInflux } from '../influx/faulty-influx.ts';
import { noDeadline, patientClock } from '../time/patient-clock.ts';
import { startS3Server } from '../aws/s3-server.ts';
import type { S3Server } from '../aws/s3-server.ts';
import { bodyOf } from '../locust/scripted-locust.ts';
import type { Saying } from '../locust/scripted-locust.ts';

/** The admin API with a place for reports, and a collector beside it on the same tables, store and spool. */
export interface ReportRig {
  readonly admin: AdminRig;
  readonly influx: FaultyInflux;
  readonly s3: S3Server;
  /** Every line that was sent to InfluxDB, in order, taken or not. */
  readonly sent: readonly string[];
  /** What windows asked to be woken for. */
  readonly idlePolls: readonly IdlePoll[];
  readonly samples: readonly RunScrape[];
  readonly changes: readonly TargetChange[];
  /** Sets the clock to so many seconds after the first instant. */
  setSeconds(seconds: number): void;
  /** Puts a target that reports by itself, with the reporter's token. */
  register(id: string, settings?: object): Promise<Answer>;
  /** Sends a report of an instant, now. */
  report(
    id: string,
    atSeconds: number,
    body: Saying | string | Buffer,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  /** Sends one of the target `ci-shop` at the instant it is of. */
  now(seconds: number, saying: Saying): Promise<Answer>;
  /** Runs a window that ends as soon as nothing is to be sampled. */
  window(): Promise<WindowSummary>;
  runs(id: string): Promise<Record<string, unknown>[]>;
  /** What is stored, `measurement,tags time` to fields, of one measurement. */
  stored(measurement: string): readonly (readonly [series: string, fields: string])[];
  reset(): Promise<void>;
  close(): Promise<void>;
}

const firstInstantMs = Date.parse('2026-11-22T14:05:00Z');

/** An instant so many seconds after the first. */
export const instant = (seconds: number): string => new Date(firstInstantMs + seconds * 1000).toISOString();

/** The id of a run that began then. */
export const firstRun = '20261122T140500Z';

export const running = (requests: number): Saying => ({ state: 'running', requests });

/** Events as they are stored: what, its text, and when, in seconds after the first instant. */
export function eventsOf(rig: Pick<ReportRig, 'stored'>): readonly (readonly [string, string, number])[] {
  return rig.stored('locust_event').map(([series, fields]) => {
    const seconds = (Number(series.split(' ')[1]) - firstInstantMs) / 1000;
    return [/event=(\w+)/.exec(series)?.[1] ?? '', fields, seconds] as const;
  });
}

/** @param change ports other than those of the rig */
export async function startReportRig(
  transport: Transport,
  change: (ports: ApiPorts) => Partial<ApiPorts> = () => ({}),
): Promise<ReportRig> {
  let nowMs = firstInstantMs;
  // Nobody waits for long: what would be waited for is what a test does next.
  const clock: Clock = { ...patientClock, now: () => nowMs, passedMs: () => nowMs, sleepUntil: () => sleep(1) };
  const [influx, s3] = [await startFaultyInflux(), await startS3Server()];
  const [samples, changes]: [RunScrape[], TargetChange[]] = [[], []];
  const observer = {
    sampled: (sample: RunScrape) => void samples.push(sample),
    changed: (seen: TargetChange) => void changes.push(seen),
  };
  const spoolStore = s3.store();
  const deadline = (): AbortSignal => (influx.behaviour === 'hangs' ? systemClock.deadline(20) : noDeadline());
  const impatient: Clock = { ...clock, deadline };
  const [sent, idlePolls]: [string[], IdlePoll[]] = [[], []];
  const openInflux = (): InfluxWriter => {
    const writer = createInfluxWriter({ ...influx.settings, clock: impatient });
    return {
      ...writer,
      write(lines, timeoutMs) {
        sent.push(...separateLines(lines));
        return writer.write(lines, timeoutMs);
      },
    };
  };
  const reports = { openInflux, spoolStore, breaker: createBreaker(), observer };
  const admin = await startAdminRig(transport, (ports) => ({
    clock,
    reports,
    ...change({ ...ports, clock, reports }),
  }));
  const collector = createCollector(
    {
      ...{ clock, observer, openInflux, spoolStore },
      // One window at a time: each ends with its own minute.
      claims: undefined,
      targets: admin.registry.targets,
      runs: admin.registry.runs,
      wake: {
        request(asked) {
          idlePolls.push(...asked);
          return Promise.resolve();
        },
      },
      secretsOf: () => Promise.resolve({}),
      openLocust: () => createLocustClient({ clock, addressPolicy: { allowPrivate: true, allowLoopback: true } }),
    },
    { idleSeconds: 10 },
  );
  const setSeconds = (seconds: number): void => {
    nowMs = firstInstantMs + seconds * 1000;
  };
  const report: ReportRig['report'] = (id, atSeconds, body, headers = {}) => {
    const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
    return admin.ask(`POST /v1/targets/${id}/reports?at=${instant(atSeconds)}`, {
      token: tokens.reporter,
      body: isRaw ? body : bodyOf(body),
      headers,
    });
  };
  return {
    ...{ admin, influx, s3, samples, changes, sent, idlePolls },
    setSeconds,
    register: (id, settings = {}) =>
      admin.ask(`PUT /v1/targets/${id}`, {
        token: tokens.reporter,
        body: { project: 'shop', source: 'report', states: ['spawning', 'running'], ...settings },
      }),
    report,
    now(seconds, saying) {
      setSeconds(seconds);
      return report('ci-shop', seconds, saying);
    },
    async window() {
      const scheduledTime = new Date(Math.floor(nowMs / 60_000) * 60_000).toISOString();
      const [summary] = await collector({ scheduledTime }, { getRemainingTimeInMillis: () => 75_000 });
      if (summary === undefined) throw new Error('no summary');
      return summary;
    },
    runs: (id) => admin.registry.runsOf(id),
    stored: (measurement) => [...influx.points].filter(([series]) => series.startsWith(`${measurement},`)).sort(),
    async reset() {
      nowMs = firstInstantMs;
      for (const each of [samples, changes, sent, idlePolls]) each.length = 0;
      await influx.behave('works');
      influx.points.clear();
      await admin.reset();
    },
    async close() {
      await Promise.all([admin.close(), influx.close(), s3.close()]);
    },
  };
}

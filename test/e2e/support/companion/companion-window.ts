import { createCollector } from '../../../../lambda/collector/collector.ts';
import { createBreaker } from '../../../../lambda/influx/delivery/breaker.ts';
import { createInfluxWriter } from '../../../../lambda/influx/delivery/influx-writer.ts';
import { createLocustClient } from '../../../../lambda/locust/fetch/fetch-report.ts';
import type { Clock } from '../../../../lambda/runtime/clock.ts';
import { systemClock } from '../../../../lambda/runtime/clock.ts';
import { startAdminRig, tokens } from '../../../support/rigs/api-rig.ts';
import { startFaultyInflux } from '../../../support/influx/faulty-influx.ts';

const minuteMs = 60_000;

/** The API and the collector on one registry and one InfluxDB, with a clock that can be ahead of the machine's. */
export interface WindowAhead {
  readonly url: string;
  readonly reporterToken: string;
  /** Runs the first window that is scheduled at an instant (ms) or after it, as if that were now. */
  windowFrom(instantMs: number): Promise<void>;
  /** What is on record of a target's runs. */
  runs(id: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** `GET /v1/targets/{id}` */
  target(id: string): Promise<Readonly<Record<string, unknown>>>;
  /** What is stored of one measurement: `measurement,tags time` and the fields, in order of time. */
  stored(measurement: string): readonly (readonly [series: string, fields: string])[];
  stop(): Promise<void>;
}

export async function startWindowAhead(): Promise<WindowAhead> {
  let aheadMs = 0;
  const clock: Clock = {
    now: () => systemClock.now() + aheadMs,
    passedMs: () => systemClock.passedMs(),
    sleepUntil: (instantMs, signal) => systemClock.sleepUntil(instantMs - aheadMs, signal),
    deadline: (afterMs) => systemClock.deadline(afterMs),
  };
  const influx = await startFaultyInflux();
  const openInflux = () => createInfluxWriter({ ...influx.settings, clock });
  const reports = { openInflux, spoolStore: undefined, breaker: createBreaker(), observer: {} };
  const admin = await startAdminRig('over HTTP', () => ({ clock, reports }));
  const { targets, runs } = admin.registry;
  const collector = createCollector(
    {
      ...{ clock, openInflux, targets, runs },
      // One window at a time: each ends with its own minute.
      claims: undefined,
      observer: {},
      spoolStore: undefined,
      wake: { request: () => Promise.resolve() },
      secretsOf: () => Promise.resolve({}),
      openLocust: () => createLocustClient({ clock, addressPolicy: { allowPrivate: true, allowLoopback: true } }),
    },
    { idleSeconds: 60 },
  );
  return {
    url: admin.url ?? '',
    reporterToken: tokens.reporter,
    async windowFrom(instantMs) {
      const scheduledAtMs = Math.ceil(instantMs / minuteMs) * minuteMs;
      aheadMs = scheduledAtMs - systemClock.now();
      const scheduledTime = new Date(scheduledAtMs).toISOString();
      await collector({ scheduledTime }, { getRemainingTimeInMillis: () => minuteMs });
    },
    runs: (id) => admin.registry.runsOf(id),
    target: async (id) => (await admin.ask(`GET /v1/targets/${id}`)).json,
    stored: (measurement) =>
      [...influx.points]
        .filter(([series]) => series.startsWith(`${measurement},`))
        .toSorted(([a], [b]) => atOf(a) - atOf(b)),
    async stop() {
      await Promise.all([admin.close(), influx.close()]);
    },
  };
}

const atOf = (series: string): number => Number(series.slice(series.lastIndexOf(' ') + 1));

import { createCollector } from '../../../lambda/collector/collector.ts';
import type { Collector } from '../../../lambda/collector/collector.ts';
import type { Observer } from '../../../lambda/collector/window-figures/observer.ts';
import type { WindowSummary } from '../../../lambda/collector/window-figures/summary.ts';
import type { CollectorPorts } from '../../../lambda/collector/window-context.ts';
import { createInfluxWriter } from '../../../lambda/influx/delivery/influx-writer.ts';
import type { SpoolStore } from '../../../lambda/influx/spool/spool-store.ts';
import { createLocustClient } from '../../../lambda/locust/fetch/fetch-report.ts';
import { systemClock } from '../../../lambda/runtime/clock.ts';
import type { Clock } from '../../../lambda/runtime/clock.ts';
import { startFaultyInflux } from '../influx/faulty-influx.ts';
import type { FaultyInflux } from '../influx/faulty-influx.ts';
import { createHandClock } from '../time/hand-clock.ts';
import type { HandClock } from '../time/hand-clock.ts';
import { startLocustFarm } from '../locust/locust-farm.ts';
import type { LocustFarm } from '../locust/locust-farm.ts';
import { startRegistry } from './registry.ts';
import type { TestRegistry } from './registry.ts';
import { startS3Server } from '../aws/s3-server.ts';
import type { S3Server } from '../aws/s3-server.ts';
import type { Saying } from '../locust/scripted-locust.ts';

/** One sample that was taken. */
interface TakenSample {
  readonly target: string;
  readonly atMs: number;
}

/** One collector that lives on from window to window, among real parts that fail as a test says. */
export interface FaultRig {
  readonly clock: HandClock;
  readonly registry: TestRegistry;
  readonly influx: FaultyInflux;
  readonly s3: S3Server;
  readonly store: SpoolStore;
  readonly farm: LocustFarm;
  readonly summaries: readonly WindowSummary[];
  /** Samples that say something of a test. */
  readonly taken: readonly TakenSample[];
  readonly problems: readonly string[];
  readonly ports: CollectorPorts;
  addTargets(count: number, settings?: object): Promise<readonly string[]>;
  /** Another collector, as in another environment of the Lambda. */
  collector(ports?: Partial<CollectorPorts>): Collector;
  /** The schedule's next windows, one a minute, one after another. */
  minutes(count: number, collector?: Collector): Promise<void>;
  /** Begins a window without moving the clock. */
  begin(event: object, collector?: Collector): Promise<WindowSummary>;
  /** Runs one window to its end. */
  window(event: object, collector?: Collector): Promise<WindowSummary>;
  /** Forgets what was taken, stored and reported so far. */
  forget(): void;
  close(): Promise<void>;
}

export const startAtMs = Date.parse('2026-11-22T14:05:00Z');
const minuteMs = 60_000;

export async function startFaultRig(
  say: (id: string, asked: number) => Saying = (_id, asked) => ({ state: 'running', requests: asked }),
): Promise<FaultRig> {
  const clock = createHandClock(startAtMs);
  const [registry, influx, s3] = [await startRegistry(), await startFaultyInflux(), await startS3Server()];
  const farm = await startLocustFarm(say);
  const summaries: WindowSummary[] = [];
  const taken: TakenSample[] = [];
  const problems: string[] = [];
  const store = clock.busy(s3.store());
  const ports: CollectorPorts = {
    clock,
    observer: observerOf(taken, problems),
    // One window at a time: each ends with its own minute.
    claims: undefined,
    targets: clock.busy(registry.targets),
    runs: clock.busy(registry.runs),
    wake: { request: () => Promise.resolve() },
    secretsOf: () => Promise.resolve({}),
    spoolStore: store,
    jitter: () => 0.5,
    openLocust: () =>
      clock.busy(createLocustClient({ clock, addressPolicy: { allowPrivate: true, allowLoopback: true } })),
    openInflux: () =>
      clock.busy(
        createInfluxWriter({ ...influx.settings, clock: impatient(clock, () => influx.behaviour === 'hangs') }),
      ),
  };
  const collector: FaultRig['collector'] = (others) => createCollector({ ...ports, ...others }, { idleSeconds: 60 });
  const only = collector();
  const begin: FaultRig['begin'] = async (event, by = only) => {
    const [summary] = await by(event, { getRemainingTimeInMillis: () => 75_000 });
    if (summary === undefined) throw new Error('no summary');
    summaries.push(summary);
    return summary;
  };
  const window: FaultRig['window'] = (event, by) => clock.runUntilDone(begin(event, by));
  let nextAtMs = startAtMs;
  return {
    ...{ clock, registry, influx, s3, store, farm, summaries, taken, problems, ports, collector, begin, window },
    async addTargets(count, settings = {}) {
      const ids = Array.from({ length: count }, (_, index) => `target-${String(index).padStart(3, '0')}`);
      await Promise.all(ids.map((id) => registry.putTarget({ id, url: farm.urlOf(id), ...settings })));
      return ids;
    },
    async minutes(count, by = only) {
      for (let minute = 0; minute < count; minute += 1, nextAtMs += minuteMs) {
        if (clock.now() < nextAtMs) await clock.advanceTo(nextAtMs);
        await window({ scheduledTime: new Date(nextAtMs).toISOString() }, by);
      }
    },
    forget() {
      for (const each of [summaries, taken, problems]) each.length = 0;
      influx.points.clear();
    },
    async close() {
      await Promise.all([farm.close(), influx.close(), s3.close(), registry.close()]);
    },
  };
}

function observerOf(taken: TakenSample[], problems: string[]): Observer {
  return {
    sampled: ({ target, atMs, report }) => {
      if (report !== undefined) taken.push({ target, atMs });
    },
    invalidItem: ({ id, problem }) => problems.push(`${id}: ${problem}`),
    notDelivered: ({ outcome, status, reason }) => problems.push(`${outcome} ${status}: ${reason}`),
    pointsLost: (lines) => problems.push(`lost ${lines}`),
    platformFailed: ({ doing, error }) => problems.push(`${doing}: ${String(error)}`),
  };
}

/** Real seconds are not waited for: where all that a clock times hangs, a deadline comes after a fiftieth of its time. */
export function impatient(clock: Clock, isHanging: () => boolean): Clock {
  return {
    ...clock,
    now: () => clock.now(),
    deadline: (ms) => (isHanging() ? systemClock.deadline(ms / 50) : clock.deadline(ms)),
  };
}

/** Totals over all windows. */
export function sumOf(summaries: readonly WindowSummary[], figure: keyof WindowSummary): number {
  return summaries.reduce((sum, summary) => sum + Number(summary[figure]), 0);
}

/** How often each sample taken is stored: once is right, whatever run it is stored under. */
export function timesStored(rig: Pick<FaultRig, 'taken' | 'influx'>): { missing: number; once: number; more: number } {
  const stored = new Map<string, number>();
  for (const series of rig.influx.points.keys()) {
    if (!series.startsWith('locust_total,')) continue;
    const target = /,target=([^, ]+)/.exec(series)?.[1] ?? '';
    const key = `${target} ${series.slice(series.lastIndexOf(' ') + 1)}`;
    stored.set(key, (stored.get(key) ?? 0) + 1);
  }
  const counts = new Set(rig.taken.map(({ target, atMs }) => `${target} ${atMs}`));
  const times = [...counts].map((key) => stored.get(key) ?? 0);
  return {
    missing: times.filter((count) => count === 0).length,
    once: times.filter((count) => count === 1).length,
    more: times.filter((count) => count > 1).length,
  };
}

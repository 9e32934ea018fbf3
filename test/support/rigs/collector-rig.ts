import { createCollector } from '../../../lambda/collector/collector.ts';
import type { Collector } from '../../../lambda/collector/collector.ts';
import type { Observer } from '../../../lambda/collector/window-figures/observer.ts';
import type { WindowSummary } from '../../../lambda/collector/window-figures/summary.ts';
import type { IdlePoll } from '../../../lambda/collector/wake.ts';
import type { CollectorPorts } from '../../../lambda/collector/window-context.ts';
import { createInfluxWriter } from '../../../lambda/influx/delivery/influx-writer.ts';
import { createLocustClient } from '../../../lambda/locust/fetch/fetch-report.ts';
import type { LocustClient } from '../../../lambda/locust/fetch/fetch-report.ts';
import type { RunScrape, TargetChange } from '../../../lambda/recording/recording-observer.ts';
import { createHandClock } from '../time/hand-clock.ts';
import type { HandClock } from '../time/hand-clock.ts';
import { startLineSink } from '../influx/line-sink.ts';
import type { LineSink } from '../influx/line-sink.ts';
import { startRegistry } from './registry.ts';
import type { Item, TestRegistry } from './registry.ts';
import { startScriptedLocust } from '../locust/scripted-locust.ts';
import type { Saying, ScriptedLocust } from '../locust/scripted-locust.ts';

/** A collector among real parts: a registry, a write endpoint, Locusts that answer as set, a hand-moved clock. */
export interface CollectorRig {
  readonly clock: HandClock;
  readonly registry: TestRegistry;
  readonly sink: LineSink;
  /** What windows asked to be woken for. */
  readonly idlePolls: readonly IdlePoll[];
  readonly changes: readonly TargetChange[];
  readonly samples: readonly RunScrape[];
  readonly problems: readonly string[];
  /** One that remembers from window to window, as a process does. Without it each window has a collector of its own. */
  readonly collector: Collector;
  /** What the collector works with, to be replaced in part. */
  readonly ports: CollectorPorts;
  /** Time does not wait for what this one reads. */
  openUncountedLocust(): LocustClient;
  /** Starts a Locust and registers it. */
  locust(id: string, saying?: Saying, target?: Item): Promise<ScriptedLocust>;
  /** Begins a window without moving the clock. */
  begin(
    event?: object,
    options?: { remainingMs?: number; ports?: Partial<CollectorPorts>; stop?: AbortSignal; collector?: Collector },
  ): Promise<WindowSummary>;
  /** Runs a window to its end; time moves on whenever nothing is under way. */
  window(event?: object, collector?: Collector): Promise<WindowSummary>;
  close(): Promise<void>;
}

export const minute = Date.parse('2026-11-22T14:05:00Z');
export const second = 1000;

export async function startCollectorRig(
  options: { idleSeconds?: number; startAtMs?: number } = {},
): Promise<CollectorRig> {
  const clock = createHandClock(options.startAtMs ?? minute);
  const [registry, sink] = [await startRegistry(), await startLineSink(clock)];
  const idlePolls: IdlePoll[] = [];
  const changes: TargetChange[] = [];
  const samples: RunScrape[] = [];
  const problems: string[] = [];
  const locusts: ScriptedLocust[] = [];
  const observer: Observer = {
    changed: (change) => changes.push(change),
    sampled: (sample) => samples.push(sample),
    invalidItem: ({ id, problem }) => problems.push(`${id}: ${problem}`),
    notDelivered: ({ outcome, status, reason }) => problems.push(`${outcome} ${status}: ${reason}`),
    platformFailed: ({ doing }) => problems.push(doing),
  };
  const openUncountedLocust = (): LocustClient =>
    createLocustClient({ clock, addressPolicy: { allowPrivate: true, allowLoopback: true } });
  const ports: CollectorPorts = {
    clock,
    observer,
    // One window at a time: each ends with its own minute.
    claims: undefined,
    targets: clock.busy(registry.targets),
    runs: clock.busy(registry.runs),
    windows: clock.busy(registry.windows),
    wake: {
      request(asked) {
        idlePolls.push(...asked);
        return Promise.resolve();
      },
    },
    secretsOf: () => Promise.resolve({}),
    openLocust: () => clock.busy(openUncountedLocust()),
    openInflux: () => clock.busy(createInfluxWriter({ ...sink.settings, clock })),
  };
  const begin: CollectorRig['begin'] = async (
    event = {},
    { remainingMs = 75_000, ports: others, stop, ...given } = {},
  ) => {
    const settings = { idleSeconds: options.idleSeconds ?? 10, ...(stop !== undefined && { stop }) };
    const collector = given.collector ?? createCollector({ ...ports, ...others }, settings);
    const [summary] = await collector(event, { getRemainingTimeInMillis: () => remainingMs });
    if (summary === undefined) throw new Error('no summary');
    return summary;
  };
  return {
    clock,
    registry,
    sink,
    idlePolls,
    changes,
    samples,
    problems,
    collector: createCollector(ports, { idleSeconds: options.idleSeconds ?? 10 }),
    ports,
    openUncountedLocust,
    async locust(id, saying, target = {}) {
      const locust = await startScriptedLocust(saying);
      locusts.push(locust);
      await registry.putTarget({ id, url: locust.url, ...target });
      return locust;
    },
    begin,
    window: (event, collector) => clock.runUntilDone(begin(event, { ...(collector !== undefined && { collector }) })),
    async close() {
      await Promise.all(locusts.map((locust) => locust.close()));
      await sink.close();
      await registry.close();
    },
  };
}

import { createCollector } from '../../lambda/collector/collector.ts';
import type { Observer } from '../../lambda/collector/observer.ts';
import type { WindowSummary } from '../../lambda/collector/summary.ts';
import type { Look } from '../../lambda/collector/wake.ts';
import type { CollectorPorts } from '../../lambda/collector/window-context.ts';
import { createDeliverer } from '../../lambda/influx/deliver.ts';
import { createLocustClient } from '../../lambda/locust/fetch-report.ts';
import type { LocustClient } from '../../lambda/locust/fetch-report.ts';
import type { SampleSeen, TargetChange } from '../../lambda/recording/recording-observer.ts';
import { createHandClock } from './hand-clock.ts';
import type { HandClock } from './hand-clock.ts';
import { startLineSink } from './line-sink.ts';
import type { LineSink } from './line-sink.ts';
import { startRegistry } from './registry.ts';
import type { Item, TestRegistry } from './registry.ts';
import { startScriptedLocust } from './scripted-locust.ts';
import type { Saying, ScriptedLocust } from './scripted-locust.ts';

/** A collector among real parts: a registry, a write endpoint, Locusts that say what they are told, a hand-moved clock. */
export interface CollectorRig {
  readonly clock: HandClock;
  readonly registry: TestRegistry;
  readonly sink: LineSink;
  /** What windows asked to be woken for. */
  readonly looks: readonly Look[];
  readonly changes: readonly TargetChange[];
  readonly samples: readonly SampleSeen[];
  readonly problems: readonly string[];
  /** What the collector works with, to be replaced in part. */
  readonly ports: CollectorPorts;
  /** Time does not wait for what this one reads. */
  openUncountedLocust(): LocustClient;
  /** Starts a Locust and registers it. */
  locust(id: string, saying?: Saying, target?: Item): Promise<ScriptedLocust>;
  /** Begins a window without moving the clock. */
  begin(
    event?: object,
    options?: { remainingMs?: number; ports?: Partial<CollectorPorts>; stop?: AbortSignal },
  ): Promise<WindowSummary>;
  /** Runs a window to its end; time moves on whenever nothing is under way. */
  window(event?: object): Promise<WindowSummary>;
  close(): Promise<void>;
}

export const minute = Date.parse('2026-11-22T14:05:00Z');
export const second = 1000;

export async function startCollectorRig(
  options: { idleSeconds?: number; startMs?: number } = {},
): Promise<CollectorRig> {
  const clock = createHandClock(options.startMs ?? minute);
  const [registry, sink] = [await startRegistry(), await startLineSink(clock)];
  const looks: Look[] = [];
  const changes: TargetChange[] = [];
  const samples: SampleSeen[] = [];
  const problems: string[] = [];
  const locusts: ScriptedLocust[] = [];
  const observer: Observer = {
    changed: (change) => changes.push(change),
    sampled: (sample) => samples.push(sample),
    unfit: ({ id, problem }) => problems.push(`${id}: ${problem}`),
    notDelivered: ({ outcome, status, reason }) => problems.push(`${outcome} ${status}: ${reason}`),
    platformFailed: ({ doing }) => problems.push(doing),
  };
  const openUncountedLocust = (): LocustClient =>
    createLocustClient({ clock, addressPolicy: { allowPrivate: true, allowLoopback: true } });
  const ports: CollectorPorts = {
    clock,
    observer,
    targets: clock.busy(registry.targets),
    runs: clock.busy(registry.runs),
    windows: clock.busy(registry.windows),
    wake: {
      request(asked) {
        looks.push(...asked);
        return Promise.resolve();
      },
    },
    secretsOf: () => Promise.resolve({}),
    openLocust: () => clock.busy(openUncountedLocust()),
    openInflux: () => clock.busy(createDeliverer({ ...sink.settings, clock })),
  };
  const begin: CollectorRig['begin'] = async (event = {}, { remainingMs = 75_000, ports: others, stop } = {}) => {
    const settings = { idleSeconds: options.idleSeconds ?? 10, ...(stop !== undefined && { stop }) };
    const [summary] = await createCollector({ ...ports, ...others }, settings)(event, {
      getRemainingTimeInMillis: () => remainingMs,
    });
    if (summary === undefined) throw new Error('no summary');
    return summary;
  };
  return {
    clock,
    registry,
    sink,
    looks,
    changes,
    samples,
    problems,
    ports,
    openUncountedLocust,
    async locust(id, saying, target = {}) {
      const locust = await startScriptedLocust(saying);
      locusts.push(locust);
      await registry.putTarget({ id, url: locust.url, ...target });
      return locust;
    },
    begin,
    window: (event) => clock.runUntilDone(begin(event)),
    async close() {
      await Promise.all(locusts.map((locust) => locust.close()));
      await sink.close();
      await registry.close();
    },
  };
}

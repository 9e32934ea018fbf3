import { vi } from 'vitest';
import { createMinuteClock } from '../../../infra/local/minute-clock.ts';
import { createCollector } from '../../../lambda/collector/collector.ts';
import { createDeliverer } from '../../../lambda/influx/deliver.ts';
import { createLocustClient } from '../../../lambda/locust/fetch-report.ts';
import { systemClock as clock } from '../../../lambda/runtime/clock.ts';
import { startRegistry } from '../../support/registry.ts';
import type { TestRegistry } from '../../support/registry.ts';
import type { LocustJson } from './expected-rows.ts';
import type { Influxd } from './influxd.ts';
import { startInterruptibleProxy } from './interruptible-proxy.ts';
import { startLocust } from './locust.ts';
import { locustVersions } from './parts.ts';
import { startRecordingProxy } from './recording-proxy.ts';
import type { Recorded } from './recording-proxy.ts';
import { startTargetApp } from './target-app.ts';

/** What two real tests of one real Locust left behind. */
export interface TwoRuns {
  readonly project: string;
  readonly target: string;
  /** Their ids, the older first. */
  readonly runs: readonly [string, string];
  /** What Locust said last while it was running, per run. */
  readonly last: readonly [LocustJson, LocustJson];
  readonly fromMs: number;
  readonly toMs: number;
}

const project = 'web shop (EU) / v1.5';
const target = 'shop';

/**
 * Has the collector collect two tests of a Locust with two workers: ramp-up with a reset at its end, steady state, an
 * interruption, stop; and the same again, shorter. Takes about a minute.
 */
export async function collectTwoRuns(influxd: Influxd, writeUrl: string): Promise<TwoRuns> {
  const fromMs = Date.now() - 10_000;
  const [version = ''] = locustVersions();
  const [app, registry] = await Promise.all([startTargetApp(), startRegistry()]);
  const locust = await startLocust({ version, hostUrl: app.url, workers: 2, args: ['--reset-stats'] });
  const outage = await startInterruptibleProxy(locust.url);
  const proxy = await startRecordingProxy(outage.url);
  await registry.putTarget({ id: target, project, url: proxy.url, sampleSeconds: 2 });
  const stop = new AbortController();
  const collecting = collect(registry, writeUrl, stop.signal);
  const plays = { influxd, registry, locust };
  try {
    await playTest(plays, {
      users: 20,
      number: 1,
      async midway() {
        outage.interrupt(true);
        await until(async () => (await attempts(influxd, false)) > 1);
        outage.interrupt(false);
      },
    });
    const afterFirst = proxy.recorded.length;
    await playTest(plays, { users: 6, number: 2 });
    const runs = (await registry.runsOf(target)).map((run) => String(run['run']));
    const last = [lastRunning(proxy.recorded.slice(0, afterFirst)), lastRunning(proxy.recorded)] as const;
    return { project, target, runs: [runs[0] ?? '', runs[1] ?? ''], last, fromMs, toMs: Date.now() + 10_000 };
  } finally {
    stop.abort();
    await collecting;
    await Promise.all([proxy.stop(), outage.stop(), locust.stop(), app.stop(), registry.close()]);
  }
}

interface Plays {
  readonly influxd: Influxd;
  readonly registry: TestRegistry;
  readonly locust: Awaited<ReturnType<typeof startLocust>>;
}

async function playTest(
  { influxd, registry, locust }: Plays,
  test: { readonly users: number; readonly number: number; midway?(): Promise<void> },
): Promise<void> {
  const before = await totals(influxd);
  // Slow enough that the counters are seen to fall when Locust resets them after it.
  await locust.startTest({ users: test.users, spawnRate: 1 });
  await until(async () => (await totals(influxd)) > before + 4);
  await test.midway?.();
  const midway = await totals(influxd);
  await until(async () => (await totals(influxd)) > midway + 5);
  await locust.stopTest();
  await until(async () => {
    const runs = await registry.runsOf(target);
    return runs.length === test.number && runs.every(({ outcome }) => outcome === 'finished');
  });
}

function collect(registry: TestRegistry, writeUrl: string, stop: AbortSignal): Promise<void> {
  const minuteClock = createMinuteClock(clock, (error) => {
    throw error;
  });
  const ports = {
    clock,
    observer: {},
    wake: minuteClock.wake,
    targets: registry.targets,
    runs: registry.runs,
    secretsOf: () => Promise.resolve({}),
    openLocust: () => createLocustClient({ clock, addressPolicy: { allowPrivate: true, allowLoopback: true } }),
    openInflux: () => createDeliverer({ url: writeUrl, org: 'o', bucket: 'b', token: 't', clock }),
  };
  return minuteClock.run(createCollector(ports, { idleSeconds: 2, stop }), stop);
}

const totals = async (influxd: Influxd): Promise<number> => (await influxd.rows('locust_total')).length;

async function attempts(influxd: Influxd, up: boolean): Promise<number> {
  return (await influxd.rows('locust_scrape')).filter(({ fields }) => fields['up'] === up).length;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  await vi.waitUntil(isSo, { timeout: 90_000, interval: 200 });
}

function lastRunning(recorded: readonly Recorded[]): LocustJson {
  const said = recorded.map(({ body }) => safeJson(body));
  const last = said.findLast((json) => json?.['state'] === 'running');
  if (last === undefined) throw new Error('Locust never said running');
  return last as unknown as LocustJson;
}

function safeJson(body: string): Record<string, unknown> | undefined {
  return body.startsWith('{') ? (JSON.parse(body) as Record<string, unknown>) : undefined;
}

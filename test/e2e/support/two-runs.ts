import { vi } from 'vitest';
import type { WindowSummary } from '../../../lambda/collector/summary.ts';
import { startRegistry } from '../../support/registry.ts';
import type { TestRegistry } from '../../support/registry.ts';
import type { LocustJson } from './expected-rows.ts';
import type { Influxd } from './influxd.ts';
import { startCollecting } from './collecting.ts';
import type { Collecting } from './collecting.ts';
import { startInterruptibleProxy } from './interruptible-proxy.ts';
import { startLocust } from './locust.ts';
import { locustVersions } from './parts.ts';
import { startRecordingProxy } from './recording-proxy.ts';
import type { Recorded } from './recording-proxy.ts';
import { startTargetApp } from './target-app.ts';
import type { WriteToInfluxd } from './write-to-influxd.ts';

/** What two real tests of one real Locust left behind. */
export interface TwoRuns {
  readonly project: string;
  readonly target: string;
  /** Their ids, the older first. */
  readonly runs: readonly [string, string];
  /** What Locust said last while it was running, per run. */
  readonly last: readonly [LocustJson, LocustJson];
  /** What the collector's windows said of themselves, as they ended. */
  readonly windows: readonly WindowSummary[];
  readonly fromMs: number;
  readonly toMs: number;
}

const project = 'web shop (EU) / v1.5';
const target = 'shop';

/**
 * Has the collector collect two tests of a Locust with two workers: ramp-up with a reset at its end, steady state, an
 * interruption, stop; and the same again, shorter, while InfluxDB refuses a line and then is away to the minute's end.
 * Takes about two minutes.
 */
export async function collectTwoRuns(influxd: Influxd, write: WriteToInfluxd): Promise<TwoRuns> {
  const fromMs = Date.now() - 10_000;
  const [version = ''] = locustVersions();
  const [app, registry] = await Promise.all([startTargetApp(), startRegistry()]);
  const locust = await startLocust({ version, hostUrl: app.url, workers: 2, args: ['--reset-stats'] });
  const outage = await startInterruptibleProxy(locust.url);
  const proxy = await startRecordingProxy(outage.url);
  await registry.putTarget({ id: target, project, url: proxy.url, sampleSeconds: 2 });
  const collecting = await startCollecting(registry, write.url);
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
    await playTest(plays, { users: 6, number: 2, midway: () => troubleInfluxDb(write, collecting) });
    const runs = (await registry.runsOf(target)).map((run) => String(run['run']));
    const last = [lastRunning(proxy.recorded.slice(0, afterFirst)), lastRunning(proxy.recorded)] as const;
    await until(() => Promise.resolve(collecting.windows.some(({ pointsReplayed }) => pointsReplayed > 0)));
    const { windows } = collecting;
    return { project, target, runs: [runs[0] ?? '', runs[1] ?? ''], last, windows, fromMs, toMs: Date.now() + 10_000 };
  } finally {
    await collecting.stop();
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

/** A line that is refused for good; then an outage until a window has ended in it. */
async function troubleInfluxDb(write: WriteToInfluxd, collecting: Collecting): Promise<void> {
  write.spoilOne('locust_worker');
  await until(async () => (await collecting.deadLetters()) > 0);
  write.interrupt(true);
  await until(() => Promise.resolve(collecting.windows.some(({ waiting }) => (waiting?.entries ?? 0) > 0)));
  write.interrupt(false);
}

const totals = async (influxd: Influxd): Promise<number> => (await influxd.rows('locust_total')).length;

async function attempts(influxd: Influxd, up: boolean): Promise<number> {
  return (await influxd.rows('locust_scrape')).filter(({ fields }) => fields['up'] === up).length;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  await vi.waitUntil(isSo, { timeout: 150_000, interval: 200 });
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

import { vi } from 'vitest';
import type { WindowSummary } from '../../../../lambda/collector/window-figures/summary.ts';
import { startRegistry } from '../../../support/rigs/registry.ts';
import type { TestRegistry } from '../../../support/rigs/registry.ts';
import type { LocustJson } from '../expected-rows.ts';
import { failureRates } from './failure-rates.ts';
import type { Influxd, StoredRow } from '../influx/influxd.ts';
import { startCollecting } from '../collecting.ts';
import type { Collecting } from '../collecting.ts';
import { startInterruptibleProxy } from '../influx/interruptible-proxy.ts';
import { startLocust } from '../locust.ts';
import { locustVersions } from '../parts.ts';
import { rampUp } from './ramp-up.ts';
import { startRecordingProxy } from '../influx/recording-proxy.ts';
import type { Recorded } from '../influx/recording-proxy.ts';
import { startTargetApp } from './target-app.ts';
import type { WriteToInfluxd } from '../influx/write-to-influxd.ts';

/** What two real tests of one real Locust left behind. */
export interface TwoRuns {
  readonly project: string;
  readonly target: string;
  /** Their ids, the older first. */
  readonly runs: readonly [string, string];
  /** When they truly began, as the records of runs have it. */
  readonly beganAtMs: readonly [number, number];
  /** What Locust said in the closing sample, per run. */
  readonly last: readonly [LocustJson, LocustJson];
  /** The same of the last sample while it was running: the closing one has no rates. */
  readonly lastRunning: readonly [LocustJson, LocustJson];
  /** The state at the very last sample, per run. */
  readonly endedAs: readonly [string, string];
  /** What the collector's windows said of themselves, as they ended. */
  readonly windows: readonly WindowSummary[];
  /** How many windows' own lines waited for InfluxDB. */
  readonly ownLinesThatWaited: number;
  /** How many lines were written over others. */
  readonly linesWrittenAgain: number;
  readonly fromAtMs: number;
  readonly toAtMs: number;
}

const project = 'web shop (EU) / v1.5';
const target = 'shop';

/**
 * Has the collector collect two tests of a Locust with two workers: ramp-up with a reset at its end, steady state, an
 * interruption, stop; and the same again, shorter, while InfluxDB refuses a line and then is away to the minute's end.
 * Takes about two minutes.
 */
export async function collectTwoRuns(influxd: Influxd, write: WriteToInfluxd): Promise<TwoRuns> {
  const fromAtMs = Date.now() - 10_000;
  const [version = ''] = locustVersions();
  const [app, registry] = await Promise.all([startTargetApp(), startRegistry()]);
  const locust = await startLocust({ version, hostUrl: app.url, workers: 2, args: ['--reset-stats'] });
  const outage = await startInterruptibleProxy(locust.url);
  const proxy = await startRecordingProxy(outage.url);
  await registry.putTarget({ id: target, project, url: proxy.url, sampleSeconds: 2 });
  const collecting = await startCollecting(registry, write.settings);
  const plays = { influxd, registry, locust };
  try {
    await playTest(plays, {
      users: 20,
      number: 1,
      // Slow enough that the counters are seen to fall when Locust resets them after it.
      hasRampedUp: async () => (await influxd.rows('locust_event')).some(({ tags }) => tags['event'] === 'reset'),
      async midway() {
        outage.interrupt(true);
        await until(async () => (await interrupted(influxd)) > 1);
        outage.interrupt(false);
      },
    });
    await playTest(plays, { users: 6, number: 2, midway: () => troubleInfluxDb(write, collecting) });
    const records = await registry.runsOf(target);
    const ids = records.map((run) => String(run['run']));
    const began = records.map((run) => Date.parse(String(run['beganAt'] ?? run['startedAt'])));
    await until(async () => (await collecting.waiting()) === 0);
    // Windows tell of themselves as they end, this one as well.
    await collecting.stop();
    const said = saidInSamples(await influxd.rows('locust_scrape'), proxy.recorded);
    const runs = [ids[0] ?? '', ids[1] ?? ''] as const;
    const ofBoth = <Value>(of: (run: string) => Value) => [of(runs[0]), of(runs[1])] as const;
    const last = ofBoth((run) => lastOf(said(run)));
    const lastRunning = ofBoth((run) => lastOf(said(run).filter(({ state }) => state === 'running')));
    const endedAs = ofBoth((run) => lastOf(said(run)).state);
    const ownLinesThatWaited = collecting.ownLinesThatWaited.size;
    const range = { fromAtMs, toAtMs: Date.now() + 10_000 };
    return {
      project,
      target,
      runs,
      beganAtMs: [began[0] ?? NaN, began[1] ?? NaN],
      last,
      lastRunning,
      endedAs,
      windows: collecting.windows,
      ownLinesThatWaited,
      linesWrittenAgain: write.writtenAgain(),
      ...range,
    };
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
  test: { readonly users: number; readonly number: number; hasRampedUp?(): Promise<boolean>; midway(): Promise<void> },
): Promise<void> {
  const before = await totals(influxd);
  const load = { users: test.users, spawnRate: 1 };
  if (test.hasRampedUp === undefined) await locust.startTest(load);
  else await rampUp({ locust, influxd, target }, load, () => Promise.resolve(test.hasRampedUp?.() ?? true));
  await until(async () => (await totals(influxd)) > before + 4);
  await test.midway();
  const midway = await totals(influxd);
  await until(async () => (await totals(influxd)) > midway + 5);
  // Something to show for the panel with bars.
  const run = String((await registry.runsOf(target)).at(-1)?.['run']);
  await until(async () => failureRates(await influxd.rows('locust_endpoint'), run).size > 0);
  await locust.stopTest();
  const areFinished = async (): Promise<boolean> => {
    const runs = await registry.runsOf(target);
    return runs.length === test.number && runs.every(({ outcome }) => outcome === 'finished');
  };
  await until(areFinished).catch(async (error: unknown) => {
    const runs = (await registry.runsOf(target)).map((run) => ({ ...run, timeline: undefined }));
    const said = await influxd.rows('locust_scrape');
    const last = said
      .slice(-20)
      .map(({ atMs, fields }) => [new Date(atMs).toISOString(), fields['state'], fields['reason']]);
    throw new Error(`not ${test.number} finished runs: ${JSON.stringify({ runs, last })}`, { cause: error });
  });
}

/** A line that is refused for good; then InfluxDB is killed, and away until a window has ended meanwhile. */
async function troubleInfluxDb(write: WriteToInfluxd, collecting: Collecting): Promise<void> {
  write.spoilOne('locust_worker');
  await until(async () => (await collecting.deadLetters()) > 0);
  await write.kill();
  await until(() => Promise.resolve(collecting.windows.some(({ waiting }) => (waiting?.entries ?? 0) > 0)));
  await write.resume();
  await until(async () => (await collecting.waiting()) === 0);
}

const totals = async (influxd: Influxd): Promise<number> => (await influxd.rows('locust_total')).length;

/** Attempts that the interruption failed, and not a Locust that was busy. */
async function interrupted(influxd: Influxd): Promise<number> {
  return (await influxd.rows('locust_scrape')).filter(({ fields }) => fields['reason'] === 'http-status').length;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  await vi.waitUntil(isSo, { timeout: 300_000, interval: 200 });
}

/** What Locust said at the samples of a run that it answered, in their order: no two answers have the same size. */
function saidInSamples(attempts: readonly StoredRow[], recorded: readonly Recorded[]) {
  const bodies = new Map(recorded.map(({ sizeBytes, body }) => [sizeBytes, body]));
  return (run: string): readonly LocustJson[] =>
    attempts
      .filter(({ tags, fields }) => tags['run'] === run && fields['up'] === true)
      .toSorted((a, b) => a.atMs - b.atMs)
      .map(({ fields }) => JSON.parse(bodies.get(Number(fields['size'])) ?? 'no such answer') as LocustJson);
}

function lastOf<Value>(values: readonly Value[]): Value {
  const last = values.at(-1);
  if (last === undefined) throw new Error('Locust never said it');
  return last;
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, onTestFailed, vi } from 'vitest';
import { startCompanionCollector } from './companion-collector.ts';
import type { CompanionCollector } from './companion-collector.ts';
import { expectFinalNumbers } from './companion-csv.ts';
import { startCompanionLocust } from './companion-locust.ts';
import { expectInstants, stallsIn } from './companion-stalls.ts';
import type { CompanionLocust, CompanionLocustInput } from './companion-locust.ts';
import type { StoredRow } from '../influx/influxd.ts';
import { locustVersions } from '../parts.ts';
import { startTargetApp } from '../grafana/target-app.ts';
import type { TargetApp } from '../grafana/target-app.ts';

export const users = 6;
/** What a test's Locust is to do. */
export const load = ['-u', String(users), '-r', '3', '--only-summary', '--exit-code-on-error', '0'];

/** Long enough for a window of the collector to begin, which a minute's end may delay. */
const patienceMs = 90_000;

/** A Locust with the companion, and the id of its target. */
export interface Reporting {
  readonly id: string;
  readonly locust: CompanionLocust;
}

export interface CompanionSuite {
  readonly app: TargetApp;
  readonly collector: CompanionCollector;
  /** Starts a Locust, the newest by default, that reports every 2 s to a target of its own, with the API's own companion. */
  start(input: Partial<CompanionLocustInput>): Promise<Reporting>;
  /** The stored samples of a target. */
  totals(id: string): Promise<readonly StoredRow[]>;
  untilTotals(id: string, count: number): Promise<void>;
}

/** Starts `npm start` and an app to be tested for a suite, stops them after it, and each test's Locusts after the test. */
export function useCompanions(): () => CompanionSuite {
  let parts: { folder: string; companion: string; app: TargetApp; collector: CompanionCollector };
  let started: CompanionLocust[] = [];
  let serial = 0;
  beforeAll(async () => {
    const [app, collector] = await Promise.all([startTargetApp(), startCompanionCollector()]);
    const folder = await mkdtemp(join(tmpdir(), 'companion-file-'));
    const companion = join(folder, 'locust2influx.py');
    await writeFile(companion, await collector.companion());
    parts = { folder, companion, app, collector };
  });
  afterEach(async () => {
    parts.collector.gate('open');
    await Promise.all(started.map((each) => each.clear()));
    started = [];
  });
  afterAll(async () => {
    await Promise.all([parts.app.stop(), parts.collector.stop(), rm(parts.folder, { recursive: true })]);
  });
  const totals = async (id: string): Promise<readonly StoredRow[]> =>
    (await parts.collector.rows(id)).filter(({ measurement }) => measurement === 'locust_total');
  return () => ({
    ...parts,
    async start(input) {
      serial += 1;
      const { companion, collector, app } = parts;
      const version = locustVersions()[0] ?? 'none';
      const env = { ...settingsOf(collector, `shop-${serial}`), ...input.env };
      const locust = await startCompanionLocust({ version, hostUrl: app.url, args: [], companion, ...input, env });
      started.push(locust);
      const id = env.LOCUST2INFLUX_TARGET;
      onTestFailed(() => tellWhy(collector, { id, locust }));
      return { id, locust };
    },
    totals,
    untilTotals: (id, count) =>
      until(async () => {
        expect((await totals(id)).length).toBeGreaterThanOrEqual(count);
      }),
  });
}

/** What a failure that is seen once leaves behind: both sides of it. */
async function tellWhy(collector: CompanionCollector, { id, locust }: Reporting): Promise<void> {
  const known = await Promise.all([collector.target(id), collector.runs(id)]).catch(String);
  const [own, workers] = [locust.output(), locust.workerOutput()];
  const parts = [
    own,
    `Workers:\n${workers}`,
    `API of ${id}: ${JSON.stringify(known)}`,
    `npm start:\n${collector.output()}`,
  ];
  process.stderr.write(`${parts.join('\n')}\n`);
}

function settingsOf({ url, reporterToken }: CompanionCollector, target: string) {
  return {
    LOCUST2INFLUX_URL: url,
    LOCUST2INFLUX_TOKEN: reporterToken,
    LOCUST2INFLUX_TARGET: target,
    LOCUST2INFLUX_INTERVAL: '2',
  };
}

export function until(check: () => Promise<void> | void, timeout = patienceMs): Promise<void> {
  return vi.waitFor(check, { timeout, interval: 100 });
}

export function untilSaid(locust: CompanionLocust, text: RegExp): Promise<void> {
  return until(() => {
    expect(locust.output()).toMatch(text);
  });
}

/** Waits for Locust's end and expects one run, finished, whose last figures are those of Locust's final CSV. */
export async function expectWholeRun({ collector }: CompanionSuite, { id, locust }: Reporting): Promise<void> {
  const { code } = await locust.exited;
  expect(code, locust.output()).toBe(0);
  const rows = await collector.rows(id);
  const csv = await locust.csv();
  expectFinalNumbers(csv, rows);
  const total = { numRequests: Number(csv.at(-1)?.['Request Count']) };
  expect(await collector.runs(id)).toMatchObject([{ outcome: 'finished', peakUsers: users, total }]);
  expect(new Set(rows.map(({ tags }) => tags['run'])).size).toBe(1);
  const events = rows.filter(({ measurement }) => measurement === 'locust_event').map(({ tags }) => tags['event']);
  expect(events).toEqual(['start', 'stop']);
  expect((await collector.target(id))['status']).not.toHaveProperty('run');
}

/** Expects a sample for every instant between the first and the last, which are where the test began and ended. */
export async function expectEveryInstant(
  { totals, collector }: Pick<CompanionSuite, 'totals' | 'collector'>,
  { id, locust }: Reporting,
  intervalMs = 2_000,
): Promise<void> {
  const instants = (await totals(id)).map(({ atMs }) => atMs);
  expectInstants(instants, intervalMs, stallsIn(locust.output() + collector.output()));
}

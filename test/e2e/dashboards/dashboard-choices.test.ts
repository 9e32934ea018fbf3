import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { dashboards } from '../../../infra/grafana/build.ts';
import { runDashboard } from '../../../infra/grafana/run/run.ts';
import { testsOfAlerts } from './alerts.ts';
import { testsOfManyEndpoints } from './many-endpoints.ts';
import { testsOfNow } from './run-now.ts';
import { linesOfRun, nameOf, notOfEveryRun, project } from './stored-run.ts';
import type { StoredRun } from './stored-run.ts';
import { openDashboard, panelsOf, rowsOf } from '../support/grafana/grafana.ts';
import type { Chosen, OpenDashboard } from '../support/grafana/grafana.ts';
import { startInfluxd2 } from '../support/influx/influxd-2.ts';
import type { Influxd } from '../support/influx/influxd.ts';
import { describeWithInfluxd2 } from '../support/parts.ts';

const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000];
/** An instant at which a sample may be: a whole minute. */
const nowMs = Math.floor(Date.now() / minuteMs) * minuteMs;

describeWithInfluxd2('What a dashboard shows of what is chosen', () => {
  let influxd: Influxd;
  beforeAll(async () => {
    influxd = await startInfluxd2();
  });
  afterEach(() => influxd.clear());
  afterAll(() => influxd.stop());

  const write = async (lines: string): Promise<void> => {
    expect(await influxd.write(lines)).toEqual({ status: 204, body: '' });
  };
  const store = (run: StoredRun): Promise<void> => write(linesOfRun(run));
  const open = (uid: string, range: Partial<Chosen> = {}): Promise<OpenDashboard> => {
    const dashboard = Object.values(dashboards()).find((each) => each.uid === `locust2influx-${uid}`);
    if (dashboard === undefined) throw new Error(`no dashboard ${uid}`);
    return openDashboard(dashboard, influxd, { fromAtMs: nowMs - hourMs, toAtMs: nowMs, ...range });
  };
  /** Opens what a link leads to. */
  const follow = (url = ''): Promise<OpenDashboard> => {
    const { pathname, searchParams } = new URL(url, 'http://grafana');
    const values = [...searchParams].flatMap(([name, value]) =>
      name.startsWith('var-') ? [[name.slice('var-'.length), value] as const] : [],
    );
    return open(pathname.replace('/d/locust2influx-', ''), {
      values: Object.fromEntries(values),
      fromAtMs: Number(searchParams.get('from')),
      toAtMs: Number(searchParams.get('to')),
    });
  };
  const isFilled = async (opened: OpenDashboard, title: string): Promise<boolean> =>
    (await opened.show(title)).some(({ length }) => length > 0);

  describe('a run of two days ago', () => {
    const startedAtMs = nowMs - 2 * dayMs;
    const run = nameOf(startedAtMs);
    const old = { target: 'shop', startedAtMs, durationMs: 10 * minuteMs, sampleMs: 10_000, workers: ['w1'] };
    const titles = panelsOf(runDashboard()).map(({ title = '' }) => title);

    test('is named on Run with its start, duration and outcome, and leads to a range in which all is filled', async () => {
      await store(old);
      const today = await open('run', { values: { run } });
      const always = ['State', 'Last sample', 'Failed', 'Chosen run'];
      for (const title of titles) expect(await isFilled(today, title), title).toBe(always.includes(title));
      const [row] = await today.cells('Chosen run');
      expect(row?.['Run']?.text).toBe(run);
      expect(row?.['Duration']?.text).toContain('00:10:00');
      expect(row?.['Ended']?.text).toBe('finished');
      expect((await today.rows('Chosen run'))[0]?.['Started']).toBe(startedAtMs);
      expect(row?.['Time range']?.text).toBe('show all of it');
      const then = await follow(row?.['Time range']?.url);
      expect(then.fill('${project} ${target} ${run}')).toBe(`${project} shop ${run}`);
      for (const title of titles) expect(await isFilled(then, title), title).toBe(!notOfEveryRun.includes(title));
      expect((await then.rows('What happened')).map(({ Event }) => Event)).toEqual(['start', 'stop']);
    });

    test.each([
      ['compare', 'Both runs', 'Run'],
      ['trends', 'Runs', 'run'],
      ['trends', 'Mean response time per run', 'Mean'],
      ['trends', 'Requests/s per run', 'Requests/s'],
    ])('is led to from %s, “%s”', async (uid, title, column) => {
      await store(old);
      await store({ ...old, startedAtMs: startedAtMs - dayMs });
      const rows = await (await open(uid, { fromAtMs: nowMs - 4 * dayMs })).cells(title);
      const names = [nameOf(startedAtMs - dayMs), run];
      expect(rows.map((row) => (row['run'] ?? row['Run'])?.text)).toEqual(names);
      for (const [index, row] of rows.entries()) {
        const then = await follow(row[column]?.url);
        expect(then.fill('${target} ${run}')).toBe(`shop ${names[index]}`);
        expect((await then.rows('What happened')).map(({ Event }) => Event)).toEqual(['start', 'stop']);
      }
    });

    test('that goes on still is named too, without an end', async () => {
      const lines = linesOfRun(old).split('\n');
      await write(lines.slice(0, -2).join('\n'));
      expect(await (await open('run')).rows('Chosen run')).toMatchObject([{ Run: run, Duration: 600, Requests: 3000 }]);
    });
  });

  testsOfNow({ open, write });
  testsOfManyEndpoints({ open, write, nowMs });
  testsOfAlerts({ write, influxd: () => influxd });

  describe('load generators', () => {
    const cpuOf = async (stored: StoredRun) => {
      await store(stored);
      const { startedAtMs, durationMs } = stored;
      const opened = await open('run', { fromAtMs: startedAtMs, toAtMs: startedAtMs + durationMs });
      return opened.show('CPU of workers');
    };

    test('of hours take as many points as the panel has, and none of their peaks is lost', async () => {
      const startedAtMs = nowMs - 8 * hourMs;
      const peakMs = startedAtMs + 3 * hourMs + 14_000;
      const cpu = (atMs: number): number => (atMs === peakMs ? 97 : 12);
      const shown = await cpuOf({
        ...{ target: 'shop', startedAtMs, durationMs: 8 * hourMs, sampleMs: 2_000, workers: ['w1', 'w2'], cpu },
        endpoints: {},
      });
      expect(shown.map(({ name }) => name)).toEqual(['w1', 'w2']);
      for (const { length, fields } of shown) {
        expect(length).toBeGreaterThan(500);
        expect(length).toBeLessThanOrEqual(1000);
        expect(fields[1]?.values.filter((percent) => percent === 97)).toHaveLength(1);
      }
    });

    test('of minutes show every sample at its instant', async () => {
      const startedAtMs = nowMs - hourMs;
      const run = { target: 'shop', startedAtMs, durationMs: 12 * minuteMs, sampleMs: 5_000, workers: ['w1'] };
      const [shown] = await cpuOf({ ...run, cpu: (atMs) => (atMs - startedAtMs) / 10_000 });
      const instants = Array.from({ length: 144 }, (_, index) => startedAtMs + (index + 1) * 5_000);
      expect(shown?.fields[0]?.values).toEqual(instants);
      expect(shown?.fields[1]?.values).toEqual(instants.map((atMs) => (atMs - startedAtMs) / 10_000));
    });
  });

  test('runs of all targets are listed on Trends, and only one target at first is drawn', async () => {
    const ofTarget = (target: string): StoredRun => {
      return { target, startedAtMs: nowMs - hourMs, durationMs: minuteMs, sampleMs: 10_000 };
    };
    await store({ ...ofTarget('cart'), verdict: 'failed' });
    for (const target of ['shop', 'till']) await store(ofTarget(target));
    const trends = await open('trends', { fromAtMs: nowMs - dayMs });
    const rows = await trends.cells('Runs');
    expect(rows.map((row) => row['target']?.text)).toEqual(['cart', 'shop', 'till']);
    expect(rows.map((row) => [row['Outcome']?.text, row['Verdict']?.text])).toEqual([
      ['finished', 'failed'],
      ['finished', '–'],
      ['finished', '–'],
    ]);
    expect(rowsOf(await trends.show('95th percentile per run')).map((row) => row['target'])).toEqual(['cart']);
    const other = await follow(rows[1]?.['target']?.url?.replace('$__url_time_range', `from=0&to=${nowMs}`));
    expect(rowsOf(await other.show('95th percentile per run')).map((row) => row['target'])).toEqual(['shop']);
  });

  test('of very many failed attempts the newest are named', async () => {
    const failed = (target: string, atMs: number): string =>
      `locust_scrape,project=${project},target=${target},run=${nowMs} up=false,duration=5,reason="refused" ${atMs}`;
    const old = Array.from({ length: 10_000 }, (_, index) => failed('gone', nowMs - 20_000 + index));
    await write([...old, failed('new', nowMs - 2), failed('new', nowMs - 1)].join('\n'));
    const rows = await (await open('collector')).rows('Failed attempts by target');
    expect(rows.map((row) => [row['target'], row['Duration (count)'], row['Time (max)']])).toEqual(
      expect.arrayContaining([['new', 2, nowMs - 1]]),
    );
  });

  test('what got slower has a colour where the difference matters as well as its share', async () => {
    const run = { target: 'shop', durationMs: minuteMs, sampleMs: 10_000 };
    const before = { '/quick': 1, '/none': 0, '/nought': 0, '/much': 100, '/some': 100, '/little': 100, '/less': 200 };
    const after = { '/quick': 1.3, '/none': 1, '/nought': 0, '/much': 200, '/some': 130, '/little': 109, '/less': 100 };
    await store({ ...run, startedAtMs: nowMs - dayMs, endpoints: before });
    await store({ ...run, startedAtMs: nowMs - hourMs, endpoints: { ...after, '/new': 900 } });
    const compare = await open('compare');
    expect(await compare.figure('The run against the baseline')).toEqual({ text: 'about the same', color: 'text' });
    const rows = await compare.cells('Endpoints: run against baseline');
    const seen = rows.map((row) => [row['name']?.text, row['Mean change']?.text, row['Mean verdict']] as const);
    const verdicts = Object.fromEntries(seen.map(([name = '', change, verdict]) => [name, { change, ...verdict }]));
    expect(verdicts).toEqual({
      '/quick': { change: '30.0%', text: 'about the same', color: 'text' },
      '/none': { change: '–', text: 'about the same', color: 'text' },
      '/nought': { change: '–', text: 'about the same', color: 'text' },
      '/little': { change: '9.0%', text: 'about the same', color: 'text' },
      '/some': { change: '30.0%', text: 'slower', color: 'orange' },
      '/much': { change: '100.0%', text: 'much slower', color: 'red' },
      '/less': { change: '-50.0%', text: 'faster', color: 'green' },
      '/new': { change: '–', text: '–', color: 'text' },
    });
    expect(rows.slice(0, 3).map((row) => row['name']?.text)).toEqual(['/much', '/some', '/little']);
    const isNew = rows.find((row) => row['name']?.text === '/new');
    expect(isNew?.['Mean Baseline']).toEqual({ text: 'new', color: 'blue' });
    const others = rows
      .filter((row) => row !== isNew)
      .flatMap((row) => Object.entries(row).filter(([name]) => !/verdict$|^Failed/.test(name)));
    expect(new Set(others.map(([, { color }]) => color))).toEqual(new Set(['text']));
  });
});

import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createMinuteClock } from '../../infra/local/minute-clock.ts';
import { createCollector } from '../../lambda/collector/collector.ts';
import type { CollectorPorts } from '../../lambda/collector/window-context.ts';
import { createDeliverer } from '../../lambda/influx/deliver.ts';
import { createLocustClient } from '../../lambda/locust/fetch-report.ts';
import { systemClock as clock } from '../../lambda/runtime/clock.ts';
import { startRegistry } from '../support/registry.ts';
import type { TestRegistry } from '../support/registry.ts';
import { startDynamoDbLocal } from './support/dynamodb-local.ts';
import type { DynamoDbLocal } from './support/dynamodb-local.ts';
import { expectedEndpoints, expectedTotal } from './support/expected-rows.ts';
import type { LocustJson } from './support/expected-rows.ts';
import { startInfluxd } from './support/influxd.ts';
import type { Influxd, StoredRow } from './support/influxd.ts';
import { startLocust } from './support/locust.ts';
import type { Locust } from './support/locust.ts';
import { describeWithParts, locustVersions } from './support/parts.ts';
import { rampUp } from './support/ramp-up.ts';
import { startRecordingProxy } from './support/recording-proxy.ts';
import type { RecordingProxy } from './support/recording-proxy.ts';
import { startTargetApp } from './support/target-app.ts';
import type { TargetApp } from './support/target-app.ts';
import { startVictoriaMetrics } from './support/victoria-metrics.ts';
import type { StoredSeries, VictoriaMetrics } from './support/victoria-metrics.ts';
import { startWriteTee } from './support/write-tee.ts';
import type { WriteTee } from './support/write-tee.ts';

function wasAskedMoreThan(proxy: RecordingProxy, times: number): void {
  expect(proxy.recorded.length).toBeGreaterThan(times);
}

/** The answer that the sample of an instant was made of. It was not asked for before. */
function saidAt(instantMs: number, rows: readonly StoredRow[], proxy: RecordingProxy): LocustJson {
  const attempt = rows.find(({ measurement, atMs }) => measurement === 'locust_scrape' && atMs === instantMs);
  const answer = proxy.recorded.find(({ sizeBytes }) => sizeBytes === attempt?.fields['size']);
  if (answer === undefined) throw new Error(`nothing was said at ${new Date(instantMs).toISOString()}`);
  expect(answer.askedAtMs).toBeGreaterThanOrEqual(instantMs);
  return JSON.parse(answer.body) as LocustJson;
}

const of = (measurement: string, rows: readonly StoredRow[]): readonly StoredRow[] =>
  rows.filter((row) => row.measurement === measurement);

const newest = locustVersions()[0] ?? 'none';

describeWithParts('The collector with real Locust, DynamoDB Local, VictoriaMetrics and InfluxDB', () => {
  let dynamoDb: DynamoDbLocal;
  let registry: TestRegistry;
  let influxd: Influxd;
  let victoriaMetrics: VictoriaMetrics;
  let tee: WriteTee;
  let app: TargetApp;

  beforeAll(async () => {
    [dynamoDb, influxd, victoriaMetrics, app] = await Promise.all([
      startDynamoDbLocal(),
      startInfluxd(),
      startVictoriaMetrics(),
      startTargetApp(),
    ]);
    registry = await startRegistry(dynamoDb.url);
    tee = await startWriteTee({ wire: victoriaMetrics.url, parser: influxd });
  });

  afterAll(async () => {
    await tee.stop();
    await registry.close();
    await Promise.all([dynamoDb.stop(), influxd.stop(), victoriaMetrics.stop(), app.stop()]);
  });

  const kinds = [...locustVersions().map((version) => [version, 0] as const), [newest, 2] as const];

  test.each(kinds)('Locust %s with %i workers: ready, ramp-up, running, stopped', async (version, workers) => {
    const locust = await startLocust({ version, hostUrl: app.url, workers });
    const proxy = await startRecordingProxy(locust.url);
    const id = `locust-${version.replaceAll('.', '-')}-${workers}`;
    await registry.putTarget({ id, url: proxy.url, sampleSeconds: 2, tags: { 'team name': 'a=b, c' } });
    const stop = new AbortController();
    const collecting = collect(stop.signal);
    try {
      await watchATest({ id, locust, proxy });
    } finally {
      stop.abort();
      await collecting;
      await registry.deleteTarget(id);
      await proxy.stop();
      await locust.stop();
    }
    expect(new Set(tee.answers)).toEqual(new Set(['204 204']));
    const rows = (await influxd.rows()).filter(({ tags }) => tags['target'] === id);
    expectRunningOnly(rows);
    expectWhatLocustSaid(rows, proxy);
    const [run] = await registry.runsOf(id);
    expect(Math.max(...rows.map(({ atMs }) => atMs))).toBe(Date.parse(String(run?.['endedAt'])));
    await expectSameInVictoriaMetrics(id, rows);
    const workersSeen = rows.filter(({ measurement }) => measurement === 'locust_worker');
    expect(new Set(workersSeen.map(({ tags }) => tags['worker'])).size).toBe(workers);
  });

  async function collect(stop: AbortSignal): Promise<void> {
    const minuteClock = createMinuteClock(clock, (error) => {
      throw error;
    });
    const ports: CollectorPorts = {
      clock,
      observer: {},
      wake: minuteClock.wake,
      targets: registry.targets,
      runs: registry.runs,
      secretsOf: () => Promise.resolve({}),
      openLocust: () => createLocustClient({ clock, addressPolicy: { allowPrivate: true, allowLoopback: true } }),
      openInflux: () => createDeliverer({ url: tee.url, org: 'o', bucket: 'b', token: 't', clock }),
    };
    await minuteClock.run(createCollector(ports, { idleSeconds: 2, stop }), stop);
  }

  async function watchATest(on: { id: string; locust: Locust; proxy: RecordingProxy }): Promise<void> {
    const { id, locust, proxy } = on;
    const until = (check: () => Promise<void> | void): Promise<void> =>
      vi.waitFor(check, { timeout: 240_000, interval: 200 });
    const stored = async (): Promise<readonly StoredRow[]> =>
      (await influxd.rows()).filter(({ tags }) => tags['target'] === id);
    await until(() => {
      wasAskedMoreThan(proxy, 2);
    });
    expect(await stored()).toEqual([]);

    const users = await rampUp({ locust, influxd, target: id }, { users: 10, spawnRate: 2 }, async () =>
      (await stored()).some(({ fields }) => fields['state'] === 'spawning'),
    );
    await until(async () => {
      const rows = await stored();
      expect(of('locust_total', rows).length).toBeGreaterThan(5);
      expect(of('locust_endpoint', rows).length).toBeGreaterThan(5 * 8);
      expect(of('locust_error', rows).length).toBeGreaterThan(0);
    });
    await locust.stopTest();
    await until(async () => {
      expect(await registry.runsOf(id)).toMatchObject([{ outcome: 'finished' }]);
      // The last lines are delivered after the run is on record.
      expect((await stored()).map(({ tags }) => tags['event'])).toContain('stop');
    });
    // Nothing is stored of what it says then: see the last instant of all.
    const asked = proxy.recorded.length;
    await until(async () => {
      wasAskedMoreThan(proxy, asked + 2);
      expect(await registry.target(id)).toMatchObject({ status: { state: 'stopped' } });
    });

    // What Locust said at the instant that ended the run; requests that were under way may still be counted later.
    const [run] = await registry.runsOf(id);
    const final = saidAt(Date.parse(String(run?.['endedAt'])), await stored(), proxy);
    expect(final.state).not.toBe('running');
    expect(run?.['total']).toMatchObject({ numRequests: final.stats.at(-1)?.['num_requests'] });
    expect(run?.['peakUsers']).toBe(users);
  }

  function expectRunningOnly(rows: readonly StoredRow[]): void {
    const totals = of('locust_total', rows);
    expect(new Set(totals.map(({ fields }) => fields['state']))).toEqual(new Set(['running']));
    const instants = new Set(totals.map(({ atMs }) => atMs));
    for (const measurement of ['locust_endpoint', 'locust_error', 'locust_worker']) {
      expect(of(measurement, rows).every(({ atMs }) => instants.has(atMs))).toBe(true);
    }
    const events = of('locust_event', rows).toSorted((a, b) => a.atMs - b.atMs);
    expect(events.map(({ tags }) => tags['event'])).toEqual(['start', 'stop']);
    expect(of('locust_scrape', rows).some(({ fields }) => fields['state'] === 'spawning')).toBe(true);
    expect(new Set(rows.map(({ tags }) => tags['run'])).size).toBe(1);
    expect(new Set(rows.map(({ tags }) => tags['team name']))).toEqual(new Set(['a=b, c']));
    expect([...instants].every((atMs) => atMs % 2000 === 0)).toBe(true);
  }

  function expectWhatLocustSaid(rows: readonly StoredRow[], proxy: RecordingProxy): void {
    for (const total of of('locust_total', rows)) {
      const json = saidAt(total.atMs, rows, proxy);
      expect(total.fields).toMatchObject(expectedTotal(json));
      const endpoints = rows.filter((row) => row.measurement === 'locust_endpoint' && row.atMs === total.atMs);
      const expected = expectedEndpoints(json);
      expect(endpoints).toHaveLength(expected.length);
      for (const { tags, fields } of expected) {
        const stored = endpoints.find(
          (row) => row.tags['name'] === tags['name'] && row.tags['method'] === tags['method'],
        );
        expect(stored?.fields).toMatchObject(fields);
      }
      const errors = rows.filter((row) => row.measurement === 'locust_error' && row.atMs === total.atMs);
      const sum = (numbers: readonly unknown[]): number => numbers.map(Number).reduce((a, b) => a + b, 0);
      expect(sum(errors.map(({ fields }) => fields['occurrences']))).toBe(
        sum(json.errors.map((error) => error['occurrences'])),
      );
    }
  }

  async function expectSameInVictoriaMetrics(id: string, rows: readonly StoredRow[]): Promise<void> {
    const series = await victoriaMetrics.stored('locust_total_');
    const totals = rows.filter(({ measurement }) => measurement === 'locust_total');
    for (const field of ['num_requests', 'current_rps', 'user_count', 'avg_response_time']) {
      const isIt = (each: StoredSeries): boolean =>
        each.name === `locust_total_${field}` && each.labels['target'] === id;
      const samples = series.find(isIt)?.samples ?? [];
      expect(samples.map(({ atMs }) => atMs)).toEqual(totals.map(({ atMs }) => atMs));
      samples.forEach(({ value }, index) => {
        const stored = Number(totals[index]?.fields[field]);
        // VictoriaMetrics keeps about 14 decimal digits.
        expect(Math.abs(value - stored)).toBeLessThanOrEqual(1e-12 * stored);
      });
    }
  }
});

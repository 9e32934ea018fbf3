import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startRegistry } from '../../support/rigs/registry.ts';
import type { TestRegistry } from '../../support/rigs/registry.ts';
import { startDynamoDbLocal } from '../support/aws/dynamodb-local.ts';
import type { DynamoDbLocal } from '../support/aws/dynamodb-local.ts';
import { startCollecting } from '../support/collecting.ts';
import { expectedEndpoints, expectedTotal, withoutRates } from '../support/expected-rows.ts';
import type { LocustJson } from '../support/expected-rows.ts';
import { startInfluxd2 } from '../support/influx/influxd-2.ts';
import type { Influxd2 } from '../support/influx/influxd-2.ts';
import type { StoredRow } from '../support/influx/influxd.ts';
import { startLocust } from '../support/locust.ts';
import type { Locust } from '../support/locust.ts';
import { describeWithInfluxd2, locustVersions } from '../support/parts.ts';
import { rampUp } from '../support/grafana/ramp-up.ts';
import { startRecordingProxy } from '../support/influx/recording-proxy.ts';
import type { RecordingProxy } from '../support/influx/recording-proxy.ts';
import { startTargetApp } from '../support/grafana/target-app.ts';
import type { TargetApp } from '../support/grafana/target-app.ts';
import { startWriteToInfluxd } from '../support/influx/write-to-influxd.ts';
import type { WriteToInfluxd } from '../support/influx/write-to-influxd.ts';

function wasAskedMoreThan(proxy: RecordingProxy, times: number): void {
  expect(proxy.recorded.length).toBeGreaterThan(times);
}

/** The answer that the sample of an instant was made of. It was not asked for before; Locust may give one twice within 2 s. */
function saidAt(instantMs: number, rows: readonly StoredRow[], proxy: RecordingProxy): LocustJson {
  const attempt = rows.find(({ measurement, atMs }) => measurement === 'locust_scrape' && atMs === instantMs);
  const answer = proxy.recorded.find(
    ({ sizeBytes, askedAtMs }) => askedAtMs >= instantMs && sizeBytes === attempt?.fields['size'],
  );
  if (answer === undefined) throw new Error(`nothing was said at ${new Date(instantMs).toISOString()}`);
  return JSON.parse(answer.body) as LocustJson;
}

const of = (measurement: string, rows: readonly StoredRow[]): readonly StoredRow[] =>
  rows.filter((row) => row.measurement === measurement);

const newest = locustVersions()[0] ?? 'none';

describeWithInfluxd2('The collector with real Locust, DynamoDB Local and InfluxDB', () => {
  let dynamoDb: DynamoDbLocal;
  let registry: TestRegistry;
  let influxd: Influxd2;
  let write: WriteToInfluxd;
  let app: TargetApp;

  beforeAll(async () => {
    [dynamoDb, influxd, app] = await Promise.all([startDynamoDbLocal(), startInfluxd2(), startTargetApp()]);
    registry = await startRegistry(dynamoDb.url);
    write = await startWriteToInfluxd(influxd);
  });

  afterAll(async () => {
    await write.stop();
    await registry.close();
    await Promise.all([dynamoDb.stop(), influxd.stop(), app.stop()]);
  });

  const kinds = [...locustVersions().map((version) => [version, 0] as const), [newest, 2] as const];

  test.each(kinds)('Locust %s with %i workers: ready, ramp-up, running, stopped', async (version, workers) => {
    const locust = await startLocust({ version, hostUrl: app.url, workers });
    const proxy = await startRecordingProxy(locust.url);
    const id = `locust-${version.replaceAll('.', '-')}-${workers}`;
    await registry.putTarget({ id, url: proxy.url, sampleSeconds: 2, tags: { 'team name': 'a=b, c' } });
    const collecting = await startCollecting(registry, write.settings);
    try {
      await watchATest({ id, locust, proxy });
    } finally {
      await collecting.stop();
      await registry.deleteTarget(id);
      await proxy.stop();
      await locust.stop();
    }
    expect(new Set(write.answers)).toEqual(new Set(['204']));
    // On a busy machine samples may be missed, and are filled in.
    const rows = (await influxd.rows()).filter(
      ({ tags, fields }) => tags['target'] === id && fields['filled'] === undefined,
    );
    expectOneTest(rows);
    expectWhatLocustSaid(rows, proxy);
    const [run] = await registry.runsOf(id);
    expect(Math.max(...rows.map(({ atMs }) => atMs))).toBe(Date.parse(String(run?.['endedAt'])));
    expect(new Set(of('locust_worker', rows).map(({ tags }) => tags['worker'])).size).toBe(workers);
  });

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
    // What comes in after the end is put over the closing sample; of what Locust says then, nothing else is stored.
    const asked = proxy.recorded.length;
    await until(async () => {
      wasAskedMoreThan(proxy, asked + 4);
      expect(await registry.target(id)).toMatchObject({ status: { state: 'stopped' } });
    });

    const [run] = await registry.runsOf(id);
    const final = JSON.parse(proxy.recorded.at(-1)?.body ?? '{}') as LocustJson;
    const { num_requests: numRequests, num_failures: numFailures } = final.stats.at(-1) ?? {};
    expect(run).toMatchObject({ peakUsers: users, total: { numRequests, numFailures } });
    const closing = of('locust_total', await stored())
      .toSorted((a, b) => a.atMs - b.atMs)
      .at(-1);
    expect(closing).toMatchObject({
      atMs: Date.parse(String(run?.['endedAt'])),
      fields: { state: 'stopped', num_requests: numRequests, num_failures: numFailures },
    });
  }

  function expectOneTest(rows: readonly StoredRow[]): void {
    const totals = of('locust_total', rows).toSorted((a, b) => a.atMs - b.atMs);
    const states = totals.map(({ fields }) => fields['state']);
    expect(new Set(states.slice(0, -1))).toEqual(new Set(['spawning', 'running']));
    expect(states.at(-1)).toBe('stopped');
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
      const isClosing = total.fields['state'] === 'stopped';
      expect(total.fields).toMatchObject(isClosing ? withoutRates(expectedTotal(json)) : expectedTotal(json));
      const endpoints = rows.filter((row) => row.measurement === 'locust_endpoint' && row.atMs === total.atMs);
      const expected = expectedEndpoints(json);
      expect(endpoints).toHaveLength(expected.length);
      for (const { tags, fields } of expected) {
        const stored = endpoints.find(
          (row) => row.tags['name'] === tags['name'] && row.tags['method'] === tags['method'],
        );
        expect(stored?.fields).toMatchObject(isClosing ? withoutRates(fields) : fields);
      }
      const errors = rows.filter((row) => row.measurement === 'locust_error' && row.atMs === total.atMs);
      const sum = (numbers: readonly unknown[]): number => numbers.map(Number).reduce((a, b) => a + b, 0);
      expect(sum(errors.map(({ fields }) => fields['occurrences']))).toBe(
        sum(json.errors.map((error) => error['occurrences'])),
      );
    }
  }
});

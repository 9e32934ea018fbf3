import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCompanionCollector } from '../support/companion/companion-collector.ts';
import type { CompanionCollector, RunOnRecord } from '../support/companion/companion-collector.ts';
import { until } from '../support/companion/companion-suite.ts';
import { startTargetApp } from '../support/grafana/target-app.ts';
import type { TargetApp } from '../support/grafana/target-app.ts';
import type { StoredRow } from '../support/influx/influxd.ts';
import { startLocust } from '../support/locust.ts';
import type { Locust, LocustInput } from '../support/locust.ts';
import { describeWithParts, locustVersions } from '../support/parts.ts';
import { freePort } from '../support/part-process.ts';

/** How a test ends, as its web UI shows it: who is stopped lets its users finish what they are at. */
type End = 'stop, with a stop timeout, then kill -9' | '--run-time' | 'load shape';

const shapeFile = join(import.meta.dirname, '../shape_locustfile.py');
const inputs: Readonly<Record<End, Partial<LocustInput>>> = {
  'stop, with a stop timeout, then kill -9': { args: ['--stop-timeout', '5'] },
  // It stays for so long that its end can be seen; without a web UI the companion reports it.
  '--run-time': { args: ['--autostart', '--autoquit', '300', '-t', '15s', '-u', '5', '-r', '5'] },
  'load shape': { locustfile: shapeFile },
};

/**
 * Each release with what it has. Without `--autostart` (before 2), `--run-time` needs `--headless`, and there is no web UI:
 * that end is the companion's, in companion.test.ts, as SIGTERM and SIGINT are. Load shapes came after 0.14.
 */
const versions = locustVersions().filter((version) => /^(0\.14|1\.|2\.20|2\.47)/.test(version));
/** The longest first, for only a few run at a time. */
const cells = [
  ...versions.map((version) => ['stop, with a stop timeout, then kill -9', version] as const),
  ...versions.filter((version) => !version.startsWith('0.')).map((version) => ['load shape', version] as const),
  ...versions.filter((version) => version.startsWith('2.')).map((version) => ['--run-time', version] as const),
];

describeWithParts('What is stored of a test that is read from its web UI', () => {
  let collector: CompanionCollector;
  let app: TargetApp;
  const locusts: Locust[] = [];
  beforeAll(async () => {
    [collector, app] = await Promise.all([startCompanionCollector(), startTargetApp()]);
  });
  afterAll(async () => {
    await Promise.all([...locusts.map((each) => each.kill()), collector.stop(), app.stop()]);
  });

  const totalsOf = async (id: string, run: string): Promise<readonly StoredRow[]> =>
    (await collector.rows(id)).filter(({ measurement, tags }) => measurement === 'locust_total' && tags['run'] === run);

  /** The newest run's record, and its last stored figures, once it has ended. */
  async function endOf(id: string): Promise<{ run: RunOnRecord; last: StoredRow | undefined }> {
    const [run] = await collector.runs(id);
    if (run?.outcome === undefined) throw new Error('no run has ended');
    return { run, last: (await totalsOf(id, run.run)).at(-1) };
  }

  /** Record and last sample are what Locust's CSV says, of one run. */
  async function expectEnd(id: string, locust: Locust): Promise<void> {
    await until(async () => {
      const [requests, failures] = await locust.csvCounts();
      expect(requests).toBeGreaterThan(0);
      const { run, last } = await endOf(id);
      expect(await collector.runs(id)).toHaveLength(1);
      expect(run).toMatchObject({ outcome: 'finished', total: { numRequests: requests, numFailures: failures } });
      expect(last?.fields).toMatchObject({ num_requests: requests, num_failures: failures });
      expect(last?.atMs).toBe(Date.parse(run.endedAt ?? ''));
      const { numRequests, numFailures, avgResponseTime, maxResponseTime } = run.total;
      expect([numRequests, numFailures]).toEqual([requests, failures]);
      expect(last?.fields).toMatchObject({ avg_response_time: avgResponseTime, max_response_time: maxResponseTime });
    });
  }

  /** The run's own points are what the API and the CSV say, to the digit. */
  async function expectOwnPoints(id: string): Promise<void> {
    const { run } = await endOf(id);
    const rows = (await collector.rows(id)).filter(({ tags }) => tags['run'] === run.run);
    const [point, ...others] = rows.filter(({ measurement }) => measurement === 'locust_run');
    expect(others).toEqual([]);
    expect(point).toMatchObject({
      atMs: Date.parse(run.startedAt),
      fields: { outcome: run.outcome, ended_at: Date.parse(run.endedAt ?? ''), peak_users: run.peakUsers },
    });
    const csv = (await collector.csv(id, run.run)).trim().split('\r\n').slice(1);
    const ofEndpoints = rows.filter(({ measurement }) => measurement === 'locust_run_endpoint');
    const asCsv = [...ofEndpoints, point].map((row) => csvFields.map((field) => row?.fields[field] ?? 'N/A').join());
    expect(asCsv.sort()).toEqual(csv.map((line) => line.split(',').slice(-20, -11).join()).sort());
  }

  /** Of a Locust that was killed only the last sample is known, and the record says so. */
  async function expectKilled(id: string, locust: Locust): Promise<void> {
    await locust.startTest({ users: 5, spawnRate: 5 });
    await until(async () => {
      const [run] = await collector.runs(id);
      expect(run).not.toHaveProperty('outcome');
      expect((await totalsOf(id, run?.run ?? '')).length).toBeGreaterThan(2);
    });
    await locust.kill();
    await until(async () => {
      const { run, last } = await endOf(id);
      expect(await collector.runs(id)).toHaveLength(2);
      expect(run).toMatchObject({ outcome: 'ended', endedAt: new Date(last?.atMs ?? NaN).toISOString() });
      const ofRun = (await collector.rows(id)).filter(({ measurement }) => measurement === 'locust_run').at(-1);
      expect(ofRun?.fields).toMatchObject({ outcome: 'ended', num_requests: run.total['numRequests'] });
      expect(run.total['numRequests']).toBe(last?.fields['num_requests']);
      expect(last?.fields['state']).toMatch(/^(running|spawning)$/);
    });
  }

  test.concurrent.for(cells)('equals its CSV and the API: %s, Locust %s', async ([end, version], { onTestFailed }) => {
    const id = `${end.replace(/\W+/g, '-').replace(/^-/, '').slice(0, 10)}-${version.replaceAll('.', '-')}`;
    onTestFailed(() => {
      process.stderr.write(`${collector.output()}\n`);
    });
    // Before it starts: on a busy machine a test that begins with its Locust may be over before that is registered.
    const port = await freePort();
    await collector.send('PUT', `/v1/targets/${id}`, { url: `http://127.0.0.1:${port}`, sampleSeconds: 2 });
    const locust = await startLocust({ version, port, hostUrl: app.url, ...inputs[end] });
    locusts.push(locust);
    if (end !== '--run-time') await locust.startTest({ users: 5, spawnRate: 5 });
    if (end.startsWith('stop')) {
      await until(async () => {
        const [run] = await collector.runs(id);
        expect((await totalsOf(id, run?.run ?? '')).length).toBeGreaterThan(2);
      });
      await locust.stopTest();
    }
    await expectEnd(id, locust);
    await expectOwnPoints(id);
    if (end.startsWith('stop')) await expectKilled(id, locust);
  });
});

/** The columns of Locust's CSV behind method and name, which may have commas in them, up to the eleven percentiles. */
const csvFields = [
  ...['num_requests', 'num_failures', 'median_response_time', 'avg_response_time', 'min_response_time'],
  ...['max_response_time', 'avg_content_length', 'rps', 'failures_per_s'],
];

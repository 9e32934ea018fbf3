import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { startCompanionLocust } from '../support/companion/companion-locust.ts';
import type { CompanionLocust, CompanionLocustInput } from '../support/companion/companion-locust.ts';
import { reportsOf, startStrictApi } from '../support/companion/companion-strict-api.ts';
import type { StrictApi } from '../support/companion/companion-strict-api.ts';
import { expectInstants, lengthOf, stallsIn } from '../support/companion/companion-stalls.ts';
import { describeWithParts, locustVersions } from '../support/parts.ts';
import { startTargetApp } from '../support/grafana/target-app.ts';
import type { TargetApp } from '../support/grafana/target-app.ts';
import { watchStalls } from '../support/companion/companion-watch-stalls.ts';

const newest = locustVersions()[0] ?? 'none';
const token = 'never-to-be-shown';
const headless = ['--headless', '-u', '3', '-r', '3', '--only-summary', '--exit-code-on-error', '0'];

describeWithParts('The companion, when something is wrong', () => {
  let app: TargetApp;
  let api: StrictApi;
  let started: CompanionLocust[];

  beforeAll(async () => {
    app = await startTargetApp();
  });
  afterAll(() => app.stop());
  beforeEach(async () => {
    api = await startStrictApi();
    started = [];
  });
  afterEach(async () => {
    await Promise.all(started.map((each) => each.clear()));
    await api.stop();
    for (const each of started) expect(each.output() + each.workerOutput()).not.toContain(token);
  });

  async function start(input: Partial<CompanionLocustInput> = {}): Promise<CompanionLocust> {
    const env = { LOCUST2INFLUX_URL: api.url, LOCUST2INFLUX_TOKEN: token, LOCUST2INFLUX_INTERVAL: '2', ...input.env };
    const args = [...headless, '-t', '200s'];
    const locust = await startCompanionLocust({ version: newest, hostUrl: app.url, args, ...input, env });
    started.push(locust);
    return locust;
  }

  const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 90_000, interval: 50 });
  const untilReports = (count: number): Promise<void> =>
    until(() => {
      expect(reportsOf(api.calls).length).toBeGreaterThanOrEqual(count);
    });
  /** What the companion itself logged, beyond that it is there. */
  const said = (locust: CompanionLocust): readonly string[] =>
    locust
      .output()
      .split('\n')
      .filter((line) => line.includes('/locust2influx: ') && !line.includes('INFO/locust2influx: Target '));

  test('an API that asks to wait is left alone for as long, and gets everything afterwards, in order', async () => {
    const locust = await start();
    await untilReports(2);
    const before = api.calls.length;
    api.answerWith(() => ({ status: 503, headers: { 'retry-after': '5' }, problem: 'Not now.' }));
    await until(() => {
      expect(api.calls.length).toBeGreaterThan(before);
    });
    api.recover();
    await untilReports(7);
    locust.signal('SIGTERM');
    expect((await locust.exited).code).toBe(0);

    const [refused, again] = api.calls.slice(before);
    expect((again?.askedAtMs ?? 0) - (refused?.askedAtMs ?? 0)).toBeGreaterThanOrEqual(4_900);
    expect(again?.reportedAtMs).toBe(refused?.reportedAtMs);
    const instants = [...new Set(reportsOf(api.calls).map(({ reportedAtMs }) => reportedAtMs))];
    expect(instants).toEqual(instants.toSorted((a, b) => a - b));
    expectInstants(instants, 2_000, stallsIn(locust.output()));
    expect(said(locust)).toEqual([
      expect.stringMatching(/Cannot report to .*: 503 Not now\./),
      expect.stringMatching(/Reporting works again: [1-9]\d* reports sent late, 0 lost\./),
      expect.stringMatching(/Test over: \d+ reports sent, 0 lost\.$/),
    ]);
  });

  test('a report that the API refuses for good is not sent again, those after it are', async () => {
    const locust = await start();
    await untilReports(1);
    const before = reportsOf(api.calls).length;
    let refusals = 0;
    api.answerWith(({ method }) => {
      refusals += method === 'POST' ? 1 : 0;
      return refusals === 1 ? { status: 422, problem: 'at: more than 60 s ahead' } : { status: 202 };
    });
    await untilReports(before + 3);
    locust.signal('SIGINT');
    await locust.exited;

    const instants = reportsOf(api.calls).map(({ reportedAtMs }) => reportedAtMs);
    const refused = instants[before];
    expect(instants.filter((each) => each === refused)).toHaveLength(1);
    expect(new Set(instants.slice(before + 1)).size).toBeGreaterThan(1);
    expect(said(locust)).toEqual([
      expect.stringMatching(/Cannot report to .*: 422 at: more than 60 s ahead/),
      expect.stringMatching(/works again: \d+ reports sent late, 1 lost/),
      expect.stringMatching(/Test over: \d+ reports sent, 1 lost\.$/),
    ]);
  });

  test('a target that was removed is put again, and the report that met it is not lost', async () => {
    const locust = await start();
    await untilReports(1);
    const before = reportsOf(api.calls).length;
    let removed = true;
    api.answerWith(({ method }) => {
      if (method === 'PUT') removed = false;
      return removed ? { status: 404, problem: 'There is no such target.' } : { status: 200 };
    });
    await untilReports(before + 3);
    locust.signal('SIGTERM');
    await locust.exited;
    const met = reportsOf(api.calls)[before];
    expect(api.calls.filter(({ method }) => method === 'PUT')).toHaveLength(2);
    expect(reportsOf(api.calls).filter(({ reportedAtMs }) => reportedAtMs === met?.reportedAtMs)).toHaveLength(2);
  });

  test.each([401, 403])('answered %i it says so once and goes quiet, and the test goes on', async (status) => {
    api.answerWith(() => ({ status, problem: 'Not yours.' }));
    const locust = await start({ args: [...headless, '-t', '5s'] });
    expect((await locust.exited).code).toBe(0);
    expect(api.calls).toHaveLength(1);
    const reason = status === 401 ? '401 Not yours; check LOCUST2INFLUX_TOKEN$' : '403 Not yours.$';
    expect(said(locust)).toEqual([expect.stringMatching(`Reporting stopped: .* answered ${reason}`)]);
    expect(Number((await locust.csv()).at(-1)?.['Request Count'])).toBeGreaterThan(0);
  });

  test('a URL that ends in /v1, as in calls of the API, is the same as without', async () => {
    await start({ env: { LOCUST2INFLUX_URL: `${api.url}/v1/` } });
    await untilReports(1);
    expect(api.calls.every(({ path }) => path.startsWith('/v1/targets/'))).toBe(true);
  });

  test('a redirect is not followed: another server never sees the token', async () => {
    const other = await startStrictApi();
    try {
      // After a POST, Python's own client would follow.
      const headers = { location: `${other.url}/v1/targets/shop/reports` };
      api.answerWith(({ method }) => (method === 'PUT' ? { status: 200 } : { status: 302, headers }));
      const locust = await start({ args: [...headless, '-t', '3s'] });
      await locust.exited;
      expect(reportsOf(api.calls).length).toBeGreaterThan(1);
      expect(other.calls).toEqual([]);
      expect(said(locust)).toEqual([
        expect.stringMatching(/Cannot report to .*: 302/),
        expect.stringMatching(/Test over: 0 reports sent, [1-9]\d* lost\.$/),
      ]);
    } finally {
      await other.stop();
    }
  });

  test.each([
    ['never answers', undefined],
    ['asks to wait', { status: 503, headers: { 'retry-after': '60' } }],
  ])('an API that %s holds the exit up for 5 s at most', async (_, answer) => {
    const well = await start();
    await untilReports(2);
    // What Locust itself needs on this machine, and this locustfile, which waits 1.6 s for the CSV.
    const unhinderedMs = await exitMs(well);
    const locust = await start();
    await untilReports(reportsOf(api.calls).length + 2);
    api.answerWith(() => answer);
    expect(await exitMs(locust)).toBeLessThan(5_000 + 2 * unhinderedMs);
    expect(said(locust).at(-1)).toMatch(/Locust quits; [1-9]\d* reports were not sent and are lost/);
  });

  /** How long a Locust takes from SIGTERM to its end, without the time in which it or this process stalled. */
  async function exitMs(locust: CompanionLocust): Promise<number> {
    const watch = watchStalls();
    const before = lengthOf(stallsIn(locust.output()));
    const signalledAtMs = Date.now();
    locust.signal('SIGTERM');
    const { code, atMs } = await locust.exited;
    expect(code).toBe(0);
    return atMs - signalledAtMs - (lengthOf(stallsIn(locust.output())) - before) - lengthOf(watch.stop());
  }

  test.each([
    [{ LOCUST2INFLUX_URL: '' }, 'LOCUST2INFLUX_URL is not set'],
    [
      { LOCUST2INFLUX_URL: 'localhost:87' },
      'LOCUST2INFLUX_URL: "localhost:87" does not begin with http:// or https://',
    ],
    [{ LOCUST2INFLUX_URL: token }, 'LOCUST2INFLUX_URL does not begin with http:// or https://'],
    [{ LOCUST2INFLUX_URL: `me:${token}@a:80` }, 'LOCUST2INFLUX_URL does not begin with http:// or https://'],
    [{ LOCUST2INFLUX_URL: 'http://' }, 'LOCUST2INFLUX_URL: the base URL of the API'],
    [{ LOCUST2INFLUX_URL: `https://${token}@example.com` }, 'LOCUST2INFLUX_URL: no credentials, query or fragment'],
    [{ LOCUST2INFLUX_TOKEN: '' }, 'LOCUST2INFLUX_TOKEN is not set'],
    [{ LOCUST2INFLUX_TOKEN: `${token}\n${token}` }, 'LOCUST2INFLUX_TOKEN: '],
    [{ LOCUST2INFLUX_INTERVAL: '7' }, 'LOCUST2INFLUX_INTERVAL: one of 2, 5, 10, 15, 20, 30, 60 (seconds)'],
    [{ LOCUST2INFLUX_TARGET: 'No!' }, 'LOCUST2INFLUX_TARGET: 3 to 64 characters'],
    [{ LOCUST2INFLUX_TAGS: 'team' }, 'LOCUST2INFLUX_TAGS: pairs such as team=a,env=ci'],
  ])('with %j it says what is allowed in one line, reports nothing, and the test runs', async (env, message) => {
    const locust = await start({ env, args: [...headless, '-t', '4s'] });
    expect((await locust.exited).code).toBe(0);
    expect(said(locust)).toEqual([expect.stringContaining(`Not reporting. ${message}`)]);
    expect(api.calls).toEqual([]);
    expect(Number((await locust.csv()).at(-1)?.['Request Count'])).toBeGreaterThan(0);
  });
});

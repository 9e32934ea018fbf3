import { expect, test } from 'vitest';
import {
  expectEveryInstant,
  expectWholeRun,
  load,
  until,
  untilSaid,
  useCompanions,
  users,
} from '../support/companion/companion-suite.ts';
import { describeWithParts, locustVersions } from '../support/parts.ts';

const [newest = 'none', ...older] = locustVersions().filter((version) => !version.startsWith('0.'));

describeWithParts('A headless Locust with the companion', () => {
  const suite = useCompanions();
  const headless = ['--headless', ...load];
  const kinds = [newest, ...older].flatMap((version) => [[version, 0] as const, [version, 2] as const]);

  test.each(kinds)('Locust %s, headless, %i workers: what is stored equals its own CSV', async (version, workers) => {
    const run = await suite().start({ version, workers, args: [...headless, '-t', '8s'] });
    await expectWholeRun(suite(), run);
    await expectEveryInstant(suite(), run);
    expect(await suite().collector.target(run.id)).toMatchObject({ status: { state: 'stopped' } });
    expect(run.locust.workerOutput()).not.toContain('locust2influx');
    const rows = (await suite().collector.rows(run.id)).filter(({ measurement }) => measurement === 'locust_worker');
    expect(new Set(rows.map(({ tags }) => tags['worker'])).size).toBe(workers);
  });

  const oldest = locustVersions().filter((version) => version.startsWith('0.'));

  test.each(oldest.flatMap((version) => [[version, 0] as const, [version, 2] as const]))(
    'Locust %s, --no-web, %i slaves: reports too',
    async (version, workers) => {
      const args = ['--no-web', '-c', String(users), '-r', '3', '-t', '8s', '--only-summary'];
      const run = await suite().start({ version, workers, args });
      await run.locust.exited;
      const total = { numRequests: Number((await run.locust.csv()).at(-1)?.['# requests']) };
      expect(await suite().collector.runs(run.id)).toMatchObject([{ outcome: 'finished', peakUsers: users, total }]);
      await expectEveryInstant(suite(), run);
    },
  );

  test('a smoke test of 20 s leaves a complete run, with nothing set but where and who', async () => {
    const env = { LOCUST2INFLUX_TARGET: '', LOCUST2INFLUX_INTERVAL: '', LOCUST2INFLUX_TAGS: 'team=a, env=ci' };
    const { locust } = await suite().start({ env, args: [...headless, '-t', '20s'] });
    const id = `shop-127-0-0-1-${new URL(suite().app.url).port}`;
    await expectWholeRun(suite(), { id, locust });
    await expectEveryInstant(suite(), { id, locust }, 10_000);
    expect(await suite().collector.target(id)).toMatchObject({
      source: 'report',
      owner: 'reporter',
      sampleSeconds: 10,
    });
    expect((await suite().totals(id))[0]?.tags).toMatchObject({ project: 'shop', team: 'a', env: 'ci' });
  });

  test.each([['SIGTERM', 0] as const, ['SIGINT', 0] as const, ['SIGTERM', 2] as const])(
    '%s in the middle, with %i workers, leaves the final numbers too',
    async (signal, workers) => {
      const run = await suite().start({ workers, args: [...headless, '-t', '200s'] });
      await suite().untilTotals(run.id, 3);
      run.locust.signal(signal);
      await expectWholeRun(suite(), run);
    },
  );

  test('with its API away at the start, everything is stored once it is there', async () => {
    suite().collector.gate('shut');
    const run = await suite().start({ args: [...headless, '-t', '200s'] });
    await untilSaid(run.locust, /Cannot report to /);
    suite().collector.gate('open');
    await suite().untilTotals(run.id, 4);
    run.locust.signal('SIGTERM');
    await expectWholeRun(suite(), run);
    await expectEveryInstant(suite(), run);
    expect(run.locust.output()).toMatch(/Reporting works again: \d+ reports sent late, 0 lost/);
  });

  test('with its API away in the middle, no sample is missing afterwards', async () => {
    const run = await suite().start({ args: [...headless, '-t', '200s'] });
    await suite().untilTotals(run.id, 2);
    suite().collector.gate('shut');
    const shutAtMs = Date.now();
    await untilSaid(run.locust, /Cannot report to /);
    // Three more samples are taken.
    await until(() => {
      expect(Date.now() - shutAtMs).toBeGreaterThan(8_000);
    });
    suite().collector.gate('open');
    await untilSaid(run.locust, /Reporting works again/);
    run.locust.signal('SIGTERM');
    await expectWholeRun(suite(), run);
    await expectEveryInstant(suite(), run);
  });

  test('with its API away for a moment at the end, the final numbers come all the same', async () => {
    const run = await suite().start({ args: [...headless, '-t', '200s'] });
    await suite().untilTotals(run.id, 4);
    // Open again at once: Locust waits for less than 5 s, which this process may need to look.
    suite().collector.gate('shut for one call');
    run.locust.signal('SIGTERM');
    await untilSaid(run.locust, /Cannot report to /);
    await expectWholeRun(suite(), run);
  });

  test('its exit code is red because one endpoint got slower than in the last good run of main', async () => {
    const test = { args: [...headless, '-t', '8s'], locustfile: 'companion_endpoints.py' };
    const main = await suite().start({
      ...test,
      env: { LOCUST2INFLUX_TAGS: 'branch=main', LOCUST2INFLUX_CRITERIA: 'fail_ratio < 50 %' },
    });
    const good = await main.locust.exited;
    suite().app.slowDownTo(300);
    const { locust, id } = await suite().start({
      ...test,
      env: {
        LOCUST2INFLUX_TARGET: main.id,
        LOCUST2INFLUX_TAGS: 'branch=slow',
        LOCUST2INFLUX_CRITERIA: 'GET /ok p95 < baseline + 5 s; GET /slow p95 < baseline + 30 %',
        LOCUST2INFLUX_BASELINE: 'branch=main',
      },
    });
    const bad = await locust.exited;

    expect(good.code, main.locust.output()).toBe(0);
    expect(main.locust.output()).toContain('This run passed.');
    expect(bad.code, locust.output()).toBe(1);
    expect(locust.output()).toContain('This run FAILED.');
    expect(locust.output()).toMatch(/failed: GET \/slow p95 < baseline \+ 30 %/);
    expect(locust.output()).toMatch(/passed: GET \/ok p95 < baseline \+ 5000 ms/);
    expect(await suite().collector.runs(id)).toMatchObject([{ verdict: 'failed' }, { verdict: 'passed' }]);
  });
});

import { expect, test } from 'vitest';
import {
  expectEveryInstant,
  expectWholeRun,
  load,
  until,
  untilSaid,
  useCompanions,
  users,
} from './support/companion-suite.ts';
import { describeWithParts, locustVersions } from './support/parts.ts';

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
    await untilSaid(run.locust, /Reporting to .* fails/);
    suite().collector.gate('open');
    await suite().untilTotals(run.id, 4);
    run.locust.signal('SIGTERM');
    await expectWholeRun(suite(), run);
    await expectEveryInstant(suite(), run);
    expect(run.locust.output()).toMatch(/Reporting works again; \d+ reports are sent late, 0 are lost/);
  });

  test('with its API away in the middle, no sample is missing afterwards', async () => {
    const run = await suite().start({ args: [...headless, '-t', '200s'] });
    await suite().untilTotals(run.id, 2);
    suite().collector.gate('shut');
    const shutAtMs = Date.now();
    await untilSaid(run.locust, /Reporting to .* fails/);
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
    await untilSaid(run.locust, /Reporting to .* fails/);
    await expectWholeRun(suite(), run);
  });
});

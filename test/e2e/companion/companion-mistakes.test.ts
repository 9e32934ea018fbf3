import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { companionFile } from '../support/companion/companion-locust.ts';
import { load, until, untilSaid, useCompanions } from '../support/companion/companion-suite.ts';
import { startStrictApi } from '../support/companion/companion-strict-api.ts';
import { freePort } from '../support/part-process.ts';
import { describeWithParts, locustProgram, locustVersions } from '../support/parts.ts';

const newest = locustVersions()[0] ?? 'none';
const library = join(import.meta.dirname, '../support/companion/companion-library.py');

describeWithParts('The companion where it was not meant to be', () => {
  const suite = useCompanions();
  const headless = ['--headless', ...load];

  test('two Locusts with one target at the same time: the second one says so, the one before it and after it do not', async () => {
    const LOCUST2INFLUX_TARGET = 'shared';
    const start = (seconds: number) =>
      suite().start({ env: { LOCUST2INFLUX_TARGET }, args: [...headless, '-t', `${seconds}s`] });
    const first = await start(200);
    await suite().untilTotals(LOCUST2INFLUX_TARGET, 2);
    const second = await start(4);
    await second.locust.exited;
    first.locust.signal('SIGTERM');
    await first.locust.exited;
    const third = await start(3);
    await third.locust.exited;

    const warning = /WARNING\/locust2influx: Another Locust reports to target shared/g;
    expect(first.locust.output()).not.toMatch(warning);
    expect(second.locust.output().match(warning)).toHaveLength(1);
    expect(third.locust.output()).not.toMatch(warning);
  });

  test('a URL behind which a web page answers 200 is named, and what was reported there comes when the API is back', async () => {
    const api = await startStrictApi();
    try {
      api.answerWith(() => ({ status: 200, page: '<!doctype html><title>Welcome</title>' }));
      const env = { LOCUST2INFLUX_URL: api.url };
      const { locust } = await suite().start({ env, args: [...headless, '-t', '200s'] });
      await untilSaid(locust, /Cannot report to .*: answered 200, but not as the locust2influx API does/);
      const firstAtMs = Date.now();
      api.recover();
      await untilSaid(locust, /Reporting works again: \d+ reports sent late, 0 lost/);
      await until(() => {
        expect(api.calls.some(({ reportedAtMs }) => reportedAtMs < firstAtMs)).toBe(true);
      });
    } finally {
      await api.stop();
    }
  });

  async function useAsLibrary(role: 'local' | 'worker'): Promise<string> {
    const { collector, app } = suite();
    const python = join(dirname(locustProgram(newest)), 'python');
    const env = {
      PYTHONPATH: dirname(companionFile),
      PYTHONDONTWRITEBYTECODE: '1',
      LOCUST2INFLUX_URL: collector.url,
      LOCUST2INFLUX_TOKEN: collector.reporterToken,
      LOCUST2INFLUX_TARGET: `library-${role}`,
      LOCUST2INFLUX_INTERVAL: '2',
    };
    const args = [library, role, app.url, String(await freePort())];
    const { stdout, stderr } = await promisify(execFile)(python, args, { env });
    return stdout + stderr;
  }

  test('Locust used as a library reports, and its end too, though no event tells that it quits', async () => {
    const output = await useAsLibrary('local');
    const total = { numRequests: Number(/requests: (\d+)/.exec(output)?.[1]) };
    expect(await suite().collector.runs('library-local')).toMatchObject([{ outcome: 'finished', total }]);
  });

  test('a worker that is used as a library reports nothing', async () => {
    const output = await useAsLibrary('worker');
    expect(output).toMatch(/requests: [1-9]/);
    expect(output).not.toContain('locust2influx');
  });
});

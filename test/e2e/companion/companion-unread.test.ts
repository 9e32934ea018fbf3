import { expect, test } from 'vitest';
import { expectEveryInstant, load, until, useCompanions } from '../support/companion/companion-suite.ts';
import type { Reporting } from '../support/companion/companion-suite.ts';
import { freePort } from '../support/part-process.ts';
import { describeWithParts } from '../support/parts.ts';

/** When a run begins and when it is over. */
const pageLine = /This run's page: (\S+)/g;

/** When log lines that hold a text were written, in seconds of some day. */
function secondsOf(output: string, text: string): readonly number[] {
  return output.split('\n').flatMap((line) => {
    const [, at] = /^\[(\S+ \S+?)[,.]\d+\]/.exec(line) ?? [];
    return line.includes(text) && at !== undefined ? [Date.parse(`${at.replace(' ', 'T')}Z`) / 1000] : [];
  });
}

describeWithParts('A web UI that the collector cannot read', () => {
  const suite = useCompanions();

  test('because it asks for a login, or has a name of its own: Locust reports the whole test by itself, and says so once', async () => {
    // Beside each other: each test lasts longer than two of the collector's minutes.
    const cases = [
      { args: ['--web-login'], locustfile: 'companion_login.py' },
      { args: [], env: { LOCUST2INFLUX_ADDRESS: 'http://ci-7f3a.invalid:8089' } },
    ];
    const locusts = await Promise.all(
      cases.map(async ({ args, ...input }) => {
        const web = ['--web-host', '127.0.0.1', '--web-port', String(await freePort())];
        const run = ['--autostart', '--autoquit', '0', ...load, '-t', '135s'];
        return suite().start({ ...input, args: [...run, ...web, ...args] });
      }),
    );

    await Promise.all(locusts.map(expectWholeTest));
  });

  async function expectWholeTest({ id, locust }: Reporting): Promise<void> {
    const { code } = await locust.exited;
    expect(code, locust.output()).toBe(0);
    await expectEveryInstant(suite(), { id, locust });
    const totals = await suite().totals(id);
    expect((totals.at(-1)?.atMs ?? 0) - (totals[0]?.atMs ?? 0)).toBeGreaterThan(120_000);
    const runs = await suite().collector.runs(id);
    expect(runs).toMatchObject([{ outcome: 'finished' }]);
    // A run that a report began is read from the collector's next minute on; a minute later that is known.
    const [foundOut, ...again] = secondsOf(locust.output(), 'The collector cannot read');
    expect((foundOut ?? Infinity) - (secondsOf(locust.output(), "This run's page")[0] ?? 0)).toBeLessThan(120);
    expect(again).toEqual([]);
    expect(locust.output()).not.toMatch(/Traceback/);
    const page = `${suite().collector.url}/#/targets/${id}/runs/${runs[0]?.run ?? ''}`;
    expect([...locust.output().matchAll(pageLine)].map(([, each]) => each)).toEqual([page, page]);
    expect(locust.output()).toMatch(/Test over: \d+ reports sent, 0 lost\. /);
    await until(async () => {
      expect(await suite().collector.target(id)).toMatchObject({ source: 'report', enabled: false });
    });
  }
});

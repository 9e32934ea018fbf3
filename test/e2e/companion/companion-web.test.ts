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
import { freePort } from '../support/part-process.ts';
import { describeWithParts } from '../support/parts.ts';

const webOptions = (port: number): readonly string[] => ['--web-host', '127.0.0.1', '--web-port', String(port)];

/** What the web UI's button "Start" does. */
async function startTest(url: string): Promise<void> {
  const body = new URLSearchParams({ user_count: String(users), spawn_rate: '6' });
  const answer = await fetch(`${url}/swarm`, { method: 'POST', body });
  expect(await answer.json()).toMatchObject({ success: true });
}

describeWithParts('A Locust with web UI and companion', () => {
  const suite = useCompanions();

  test('with the web UI it is registered, collected from, and taken out when it quits', async () => {
    const port = await freePort();
    const { id, locust } = await suite().start({ args: [...webOptions(port), '--exit-code-on-error', '0'] });
    const url = `http://127.0.0.1:${port}`;
    await until(async () => {
      expect(await suite().collector.target(id)).toMatchObject({ url, enabled: true, project: 'shop' });
    });
    const registeredAtMs = Date.now();
    const expiresInMs = Date.parse(String((await suite().collector.target(id))['expiresAt'])) - registeredAtMs;
    expect(expiresInMs).toBeGreaterThan(9 * 60_000);
    expect(expiresInMs).toBeLessThanOrEqual(10 * 60_000);

    await startTest(url);
    // For a minute it reports what a collector that does not know it yet would miss.
    await until(async () => {
      expect((await suite().totals(id)).findLast(({ atMs }) => atMs > registeredAtMs + 66_000)).toBeDefined();
    }, 150_000);
    locust.signal('SIGTERM');
    await expectWholeRun(suite(), { id, locust });
    await expectEveryInstant(suite(), { id, locust });
    expect(await suite().collector.target(id)).toMatchObject({ url, enabled: false });
  });

  test('a later test is sampled from its start on, though the minute had begun without it', async () => {
    const port = await freePort();
    const { id, locust } = await suite().start({ args: [...webOptions(port), '--exit-code-on-error', '0'] });
    await until(async () => {
      expect(await suite().collector.target(id)).toMatchObject({ enabled: true });
    });
    const registeredAtMs = Date.now();
    // The target is new no more, and the next window is far enough.
    await until(() => {
      expect(Date.now()).toBeGreaterThan(registeredAtMs + 62_000);
      expect(new Date().getSeconds()).toSatisfy((second: number) => second >= 5 && second <= 35);
    }, 150_000);
    await startTest(`http://127.0.0.1:${port}`);
    const startedAtMs = Date.now();
    await until(() => {
      expect(Date.now()).toBeGreaterThan(startedAtMs + 12_000);
    });
    locust.signal('SIGTERM');
    await expectWholeRun(suite(), { id, locust });
    await expectEveryInstant(suite(), { id, locust });
  });

  test('a distributed test that is stopped in the web UI is closed with what its workers sent last', async () => {
    const port = await freePort();
    const args = [...webOptions(port), '--exit-code-on-error', '0'];
    const { id, locust } = await suite().start({ workers: 2, args });
    const url = `http://127.0.0.1:${port}`;
    await untilSaid(locust, /1\) reported as ready/);
    await startTest(url);
    await suite().untilTotals(id, 4);
    await fetch(`${url}/stop`, { method: 'POST' });
    await until(async () => {
      const { stats } = (await (await fetch(`${url}/stats/requests`)).json()) as { stats: { num_requests: number }[] };
      const total = { numRequests: stats.at(-1)?.num_requests };
      expect(await suite().collector.runs(id)).toMatchObject([{ outcome: 'finished', total }]);
      expect((await suite().totals(id)).at(-1)?.fields['num_requests']).toBe(total.numRequests);
    });
    locust.signal('SIGTERM');
    await expectWholeRun(suite(), { id, locust });
  });

  test('with --autostart and --autoquit even a short test leaves a complete run', async () => {
    const args = ['--autostart', '--autoquit', '0', ...load, '-t', '8s', ...webOptions(await freePort())];
    const run = await suite().start({ args });
    await expectWholeRun(suite(), run);
    await expectEveryInstant(suite(), run);
    expect(await suite().collector.target(run.id)).toMatchObject({ enabled: false });
  });
});

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { parseLine } from '../../infra/local/store/line-protocol-parser.ts';
import { says, startLocalProcess, waitingMs } from '../support/rigs/local-process.ts';
import type { LocalProcess } from '../support/rigs/local-process.ts';
import { startScriptedLocust } from '../support/locust/scripted-locust.ts';
import type { ScriptedLocust } from '../support/locust/scripted-locust.ts';

/** Whole processes start here, which takes long on a machine that is busy. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 60_000 });

const tokens = { ADMIN_TOKEN: 'the-admin-of-a-test', REPORTER_TOKEN: 'the-reporter-of-a-test' };
const headers = { authorization: `Bearer ${tokens.ADMIN_TOKEN}`, 'content-type': 'application/json' };
const [minute, hour] = [60_000, 3_600_000];

let folder: string;
let locust: ScriptedLocust;
let run: LocalProcess;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'locust2influx-changes-'));
  locust = await startScriptedLocust();
});
afterEach(async () => {
  run.process.kill('SIGKILL');
  await run.exited;
  await locust.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(options: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  run = startLocalProcess({ hasOwnTime: true, folder, env: { ...tokens, ...env }, options });
  await says(run, /Ctrl-C stops/);
}

async function change(method: string, body: object): Promise<void> {
  const [, url = ''] = /Page and API at (\S+)/.exec(run.out()) ?? [];
  const path = `${url}/v1/targets/shop`;
  const type = method === 'PATCH' ? { 'content-type': 'application/merge-patch+json' } : {};
  const answer = await fetch(path, { method, headers: { ...headers, ...type }, body: JSON.stringify(body) });
  expect(answer.ok, await answer.text()).toBe(true);
}

async function runsText(): Promise<string> {
  const [, url = ''] = /Page and API at (\S+)/.exec(run.out()) ?? [];
  return (await fetch(`${url}/v1/targets/shop/runs`, { headers })).text();
}

/** Far enough from the next full minute that what happens before it was not the next window's doing. */
async function earlyInMinute(): Promise<number> {
  await vi.waitUntil(() => run.nowMs() % minute < 30_000, { timeout: minute });
  return Math.ceil(run.nowMs() / minute) * minute;
}

const samples = (): number => run.out().match(/shop {2}running/g)?.length ?? 0;

it('a target that is added, paused and resumed is so before the next full minute', async () => {
  locust.say({ state: 'running', requests: 40 });
  await start([], { IDLE_SECONDS: '60' });
  const nextMinuteAtMs = await earlyInMinute();

  await change('PUT', { url: locust.url, sampleSeconds: 2 });
  await says(run, /shop run \S+ started/);
  await says(run, /shop {2}running/);
  await change('PATCH', { enabled: false });
  await vi.waitFor(async () => {
    expect(await runsText()).toContain('"outcome":"');
  }, waitingMs);
  const asked = locust.asked;
  await change('PATCH', { enabled: true });
  await vi.waitFor(() => {
    expect(locust.asked).toBeGreaterThan(asked);
  }, waitingMs);

  expect(run.nowMs()).toBeLessThan(nextMinuteAtMs);
});

it.each([
  ['an hour back', -hour],
  ['a day forward', 24 * hour],
])('when the machine’s time is set %s in the middle of a test, samples go on by the new time', async (_what, byMs) => {
  locust.say({ state: 'running', requests: 40 });
  await start(['--target', `shop=${locust.url}`], { TIME_IS_SET_BY_MS: `${byMs}` });
  await change('PATCH', { sampleSeconds: 2 });
  await vi.waitFor(() => {
    expect(samples()).toBeGreaterThan(1);
  }, waitingMs);
  await earlyInMinute();
  const before = samples();

  run.process.kill('SIGUSR2');
  await vi.waitFor(() => {
    expect(samples()).toBeGreaterThan(before + 3);
  }, 25_000);

  run.process.kill('SIGINT');
  expect(await run.exited).toBe(0);
  const path = join(folder, 'influx', 'locust');
  const texts = await Promise.all((await readdir(path)).map((day) => readFile(join(path, day), 'utf8')));
  const totals = texts
    .join('')
    .split('\n')
    .filter((line) => line.startsWith('locust_total'));
  const nowMs = run.nowMs() + byMs;
  const instants = totals.map((line) => Number(parseLine(line).timestamp ?? 0n) / 1e6);
  expect(instants.filter((atMs) => Math.abs(atMs - nowMs) < 10 * minute).length).toBeGreaterThan(2);
});

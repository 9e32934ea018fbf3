import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { limitFiles, says, startLocalProcess, waitingMs } from '../support/rigs/local-process.ts';
import type { LocalProcess } from '../support/rigs/local-process.ts';
import { startScriptedLocust } from '../support/locust/scripted-locust.ts';
import type { ScriptedLocust } from '../support/locust/scripted-locust.ts';

/** Whole processes start here, which takes long on a machine that is busy. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 60_000 });

const token = 'the-admin-token-of-a-test';
const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };

let folder: string;
let locust: ScriptedLocust;
let run: LocalProcess;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'locust2influx-full-disk-'));
  locust = await startScriptedLocust({ state: 'running', requests: 40 });
  run = startLocalProcess({
    hasOwnTime: true,
    folder,
    env: { ADMIN_TOKEN: token },
    options: ['--target', `shop=${locust.url}`],
  });
  await says(run, /shop {2}running/);
});
afterEach(async () => {
  run.process.kill('SIGKILL');
  await run.exited;
  await locust.close();
  await rm(folder, { recursive: true, force: true });
});

const ask = (method: string, path: string, body?: object): Promise<Response> => {
  const [, url = ''] = /Page and API at (\S+)/.exec(run.out()) ?? [];
  return fetch(`${url}${path}`, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
};

const timesShown = (text: RegExp): number => run.out().match(new RegExp(text, 'g'))?.length ?? 0;
const samples = (): number => timesShown(/shop {2}running/);

async function storedTotals(): Promise<number> {
  const path = join(folder, 'influx', 'locust');
  const texts = await Promise.all((await readdir(path)).map((day) => readFile(join(path, day), 'utf8')));
  // A line that is sent again is the same point.
  return new Set(texts.join('').match(/^locust_total,.*$/gm)).size;
}

it('on a full disk samples go on, lines wait in memory, it is said what is wrong, and nothing is lost once there is room', async () => {
  await ask('PATCH', '/v1/targets/shop', { sampleSeconds: 2 });
  await vi.waitFor(() => {
    expect(samples()).toBeGreaterThan(2);
  }, waitingMs);
  // What is held in memory is held to the end of its minute.
  await vi.waitUntil(() => run.nowMs() % 60_000 < 25_000, { timeout: waitingMs });

  limitFiles(run, 0);
  const before = samples();
  await vi.waitFor(() => {
    expect(samples()).toBeGreaterThan(before + 3);
  }, waitingMs);

  await says(run, /InfluxDB cannot take \d+ points?: they wait .*the disk is full/);
  await says(run, /failed keeping \d+ lines?, which wait in memory for now: the data folder .*: the disk is full/);
  await says(run, /registry cannot be used: the disk is full/);
  // What is there is read, and what cannot be written is a plain answer.
  expect((await ask('GET', '/v1/targets/shop')).status).toBe(200);
  expect((await ask('GET', '/v1/health')).status).toBe(200);
  const put = await ask('PUT', '/v1/targets/other', {
    url: 'http://127.0.0.1:1',
    auth: { type: 'bearer', token: 'x' },
  });
  expect([put.status, ((await put.json()) as { type: string }).type]).toEqual([
    500,
    expect.stringContaining('problem:'),
  ]);

  limitFiles(run, 'unlimited');
  await says(run, /InfluxDB takes points again/);
  await vi.waitFor(async () => {
    expect(await storedTotals()).toBeGreaterThanOrEqual(samples() - 1);
  }, waitingMs);
  expect((await ask('PUT', '/v1/targets/other', { url: 'http://127.0.0.1:1' })).status).toBe(201);
  run.process.kill('SIGINT');
  expect(await run.exited).toBe(0);
  expect(await storedTotals()).toBe(samples());
  expect(run.out()).not.toMatch(/could neither be delivered nor kept|at .*\.ts:/);
});

it('whoever stops it while the disk is full waits no longer than some seconds, and reads how many points are lost', async () => {
  limitFiles(run, 0);
  const before = samples();
  await vi.waitFor(() => {
    expect(samples()).toBeGreaterThan(before);
  }, waitingMs);

  run.process.kill('SIGINT');

  await run.exited;
  expect(run.process.signalCode).toBeNull();
  expect(run.out()).toMatch(/[1-9]\d* points could neither be delivered nor kept/);
  expect(run.out()).not.toMatch(/at .*\.ts:/);
});

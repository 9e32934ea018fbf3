import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startInfluxServer } from '../support/influx/influx-server.ts';
import type { InfluxServer } from '../support/influx/influx-server.ts';
import { says, startLocalProcess } from '../support/rigs/local-process.ts';
import type { LocalProcess } from '../support/rigs/local-process.ts';
import { answer } from '../support/locust/report-text.ts';

/** Whole processes start here, which takes long on a machine that is busy. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 60_000 });

const tokens = { ADMIN_TOKEN: 'the-admin-of-a-test', REPORTER_TOKEN: 'the-reporter-of-a-test' };
const asAdmin = { authorization: `Bearer ${tokens.ADMIN_TOKEN}`, 'content-type': 'application/json' };

let folder: string;
let influx: InfluxServer;
let run: LocalProcess;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'locust2influx-start-'));
  influx = await startInfluxServer();
});
afterEach(async () => {
  run.process.kill('SIGKILL');
  await run.exited;
  await influx.close();
  await rm(folder, { recursive: true, force: true });
});

/** @returns its port */
async function startWith(options: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  run = startLocalProcess({ folder, env: { ...tokens, ...env }, options });
  await says(run, /Ctrl-C stops/);
  expect(run.out()).toMatch(/The admin token is in ADMIN_TOKEN\n/);
  expect(run.out()).not.toContain(tokens.ADMIN_TOKEN);
  return /Page and API at http:\/\/127\.0\.0\.1:(\d+)\n/.exec(run.out())?.[1] ?? '';
}

const countOf = (text: RegExp): number => run.out().match(new RegExp(text, 'g'))?.length ?? 0;

it('with --host 0.0.0.0 other addresses than loopback’s first reach it, with a token only', async () => {
  const port = await startWith(['--host', '0.0.0.0']);
  const url = `http://127.0.0.2:${port}`;

  expect(run.out()).toMatch(/listens on 0\.0\.0\.0, beyond this machine/);
  expect((await fetch(url)).status).toBe(200);
  expect((await fetch(`${url}/v1/targets`)).status).toBe(401);
  expect((await fetch(`${url}/v1/targets`, { headers: { authorization: 'Bearer wrong' } })).status).toBe(401);
  expect((await fetch(`${url}/v1/targets`, { headers: asAdmin })).status).toBe(200);
});

it('without --host only 127.0.0.1 reaches it, and a target of the command line is in the project that the API gives', async () => {
  const port = await startWith(['--target', 'shop=http://127.0.0.1:1']);
  const targets = `http://127.0.0.1:${port}/v1/targets`;

  expect(run.out()).not.toMatch(/beyond this machine/);
  await expect(fetch(`http://127.0.0.2:${port}`)).rejects.toThrow('fetch failed');
  await fetch(`${targets}/other`, { method: 'PUT', headers: asAdmin, body: '{"url":"http://127.0.0.1:1"}' });
  const projects = await Promise.all(
    ['shop', 'other'].map(async (id) => (await fetch(`${targets}/${id}`, { headers: asAdmin })).json()),
  );
  expect(projects).toMatchObject([{ project: 'default' }, { project: 'default' }]);
});

it('an address of another machine is refused in one line', async () => {
  run = startLocalProcess({ folder, env: tokens, options: ['--host', '192.0.2.1'] });

  expect(await run.exited).toBe(1);
  expect(run.out()).toMatch(/--host 192\.0\.2\.1: not an address of this machine\./);
  expect(run.out()).not.toMatch(/at .*\.ts:/);
});

it('a wrong token is shown at the start, once when points come, and when it is right again; reports too', async () => {
  const headers = { 'content-type': 'application/json' };
  const refusal = { status: 401, headers, body: '{"message":"unauthorized access"}' };
  influx.take(refusal, refusal, refusal, refusal);
  const variables = { INFLUX_URL: influx.url, INFLUX_ORG: 'o', INFLUX_BUCKET: 'b', INFLUX_TOKEN: 'wrong' };
  const port = await startWith([], variables);
  const target = `http://127.0.0.1:${port}/v1/targets/ci-shop`;
  await says(run, /does not take points yet: they will wait; check INFLUX_TOKEN \(status 401: unauthorized/);
  await fetch(target, { method: 'PUT', headers: asAdmin, body: '{"source":"report"}' });
  const nowMs = Date.now();

  for (const second of [1, 2, 3, 4]) {
    const at = new Date(nowMs + second * 1000).toISOString();
    const body = answer({ state: 'running' });
    const sent = await fetch(`${target}/reports?at=${at}`, { method: 'POST', headers: asAdmin, body });
    expect(sent.status).toBe(202);
  }

  await says(run, /InfluxDB takes points again/);
  expect(countOf(/InfluxDB cannot take \d+ points: they wait; check INFLUX_TOKEN/)).toBe(1);
  expect(countOf(/InfluxDB takes points again/)).toBe(1);
  expect(run.out()).not.toMatch(/failed/);
});

it('an InfluxDB that is away does not keep it from starting', async () => {
  await startWith([], {
    INFLUX_URL: 'http://127.0.0.1:1',
    INFLUX_ORG: 'o',
    INFLUX_BUCKET: 'b',
    INFLUX_TOKEN: 'secret-token',
  });

  await says(run, /will wait and are sent when InfluxDB is back \(no answer: .*ECONNREFUSED/);
  run.process.kill('SIGINT');
  expect(await run.exited).toBe(0);
});

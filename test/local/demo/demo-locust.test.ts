import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type DemoLocust, maxDemoConnections, startDemoLocust } from '../../../infra/local/demo/demo-locust.ts';
import { type Clock, systemClock } from '../../../lambda/runtime/clock.ts';

let locust: DemoLocust | undefined;
afterEach(() => locust?.stop());

const startedAtMs = Date.UTC(2026, 10, 22, 14, 5);

async function start(): Promise<{ url: string; moveTo: (seconds: number) => void }> {
  let nowMs = startedAtMs;
  const clock: Clock = { ...systemClock, now: () => nowMs };
  locust = await startDemoLocust({ clock });
  return { url: locust.url, moveTo: (seconds) => void (nowMs = startedAtMs + seconds * 1000) };
}

const keysOf = (value: unknown): string[] => Object.keys(value as object).sort();

test('what it answers has the keys of a real Locust, and those that came since', async () => {
  const { url, moveTo } = await start();
  moveTo(75);
  const fixture = new URL('../../fixtures/locust-reports/2.37.14-dist.running.json', import.meta.url);
  const real = JSON.parse(await readFile(fixture, 'utf8')) as Record<'stats' | 'errors', unknown[]>;

  const response = await fetch(`${url}/stats/requests`);
  const report = (await response.json()) as Record<'stats' | 'errors', unknown[]>;

  expect(response.headers.get('content-type')).toBe('application/json');
  const masterOnly = ['worker_count', 'workers'];
  expect(keysOf(report)).toEqual(
    [...keysOf(real).filter((key) => !masterOnly.includes(key)), 'current_fail_per_sec', 'current_rps'].sort(),
  );
  expect(keysOf(report.stats[0])).toEqual(keysOf(real.stats[0]));
  expect(keysOf(report.errors[0])).toEqual([...keysOf(real.errors[0]), 'first_seen', 'last_seen'].sort());
});

test('the test goes on with the clock it was given', async () => {
  const { url, moveTo } = await start();
  const state = async (): Promise<unknown> =>
    ((await (await fetch(`${url}/stats/requests`)).json()) as { state: string }).state;

  expect(await state()).toBe('ready');
  moveTo(20);
  expect(await state()).toBe('spawning');
  moveTo(40);
  expect(await state()).toBe('running');
  moveTo(120);
  expect(await state()).toBe('stopped');
});

test('opened in a browser, it says that it is simulated', async () => {
  const { url } = await start();

  const response = await fetch(url);

  expect(response.headers.get('content-type')).toContain('text/html');
  expect(await response.text()).toContain('simulated Locust');
});

test('it knows no other page and takes no orders', async () => {
  const { url } = await start();

  expect((await fetch(`${url}/swarm`)).status).toBe(404);
  expect((await fetch(`${url}//`)).status).toBe(404);
  expect((await fetch(`${url}/stats/requests`, { method: 'POST' })).status).toBe(405);
});

test('it takes so many connections at once, and answers over those that it has', async () => {
  const { url } = await start();
  const { hostname, port } = new URL(url);
  const open = async () => {
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return socket;
  };
  const taken = [];
  for (let count = 0; count < maxDemoConnections; count += 1) taken.push(await open());

  const oneMore = await open();
  await once(oneMore.resume(), 'close');

  const [first] = taken;
  first?.write('GET /stats/requests HTTP/1.1\r\nhost: x\r\n\r\n');
  expect(String((await once(first ?? oneMore, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 /);
  for (const each of taken) each.destroy();
});

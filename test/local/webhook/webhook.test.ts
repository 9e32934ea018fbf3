import { createServer } from 'node:http';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openEventFiles } from '../../../infra/local/webhook/event-files.ts';
import { createWebhook } from '../../../infra/local/webhook/webhook.ts';
import type { Webhook } from '../../../infra/local/webhook/webhook.ts';
import { runEvent } from '../../../lambda/runs/events/run-event.ts';
import type { RunEvent } from '../../../lambda/runs/events/run-event.ts';
import { systemClock } from '../../../lambda/runtime/clock.ts';
import { says, startLocalProcess } from '../../support/rigs/local-process.ts';
import { startScriptedLocust } from '../../support/locust/scripted-locust.ts';

vi.setConfig({ testTimeout: 240_000 });

/** Takes what it is told, and answers as set. */
interface Listener {
  readonly url: URL;
  readonly bodies: string[];
  answers: (body: string, index: number) => number | 'nothing';
  close(): Promise<void>;
}

let folder: string;
let listener: Listener;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'locust2influx-webhook-'));
  listener = await startListener();
});
afterEach(async () => {
  await listener.close();
  await rm(folder, { recursive: true });
});

async function startListener(): Promise<Listener> {
  const bodies: string[] = [];
  const listening: Omit<Listener, 'url'> = {
    bodies,
    answers: () => 204,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (data: Buffer) => (body += data.toString()));
    request.on('end', () => {
      const answer = listening.answers(body, bodies.length);
      bodies.push(body);
      if (answer !== 'nothing') response.writeHead(answer, { location: '/elsewhere' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(listening, { url: new URL(`http://127.0.0.1:${port}/s3cret?sig=s3cret`) });
}

const event = (name: string): RunEvent => ({
  version: 1,
  id: Buffer.from(name.padEnd(16, '.')).toString('hex'),
  event: 'started',
  text: name,
  run: runEvent.shape.run.parse({
    target: 'shop',
    run: '20261122T140500Z',
    project: 'default',
    startedAt: '2026-11-22T14:05:00.000Z',
    lastGoodAt: '2026-11-22T14:05:00.000Z',
    lastState: 'running',
    total: {},
    peakUsers: 1,
  }),
});
const told = (): readonly string[] => listener.bodies.map((body) => (JSON.parse(body) as RunEvent).text);

describe('a webhook', () => {
  const problems: string[] = [];
  let stop: AbortController;
  let running: Promise<void>;
  async function start(clock = systemClock): Promise<Webhook> {
    stop = new AbortController();
    const failed = (doing: string, error: unknown): void => {
      problems.push(`${doing}: ${error instanceof Error ? error.message : ''}`);
    };
    const webhook = createWebhook({ url: listener.url, files: await openEventFiles(folder), clock, failed });
    running = webhook.run(stop.signal);
    return webhook;
  }
  async function end(): Promise<void> {
    stop.abort();
    await running;
  }
  beforeEach(() => {
    problems.length = 0;
  });

  it('is told everything in order, once, and keeps nothing of it', async () => {
    const { tell } = await start();
    for (const name of ['first', 'second', 'third']) tell(event(name));
    await end();

    expect(told()).toEqual(['first', 'second', 'third']);
    expect(problems).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('that fails is told again, and one event that it refuses keeps no other back', async () => {
    listener.answers = (body, index) => (body.includes('refused') && index < 2 ? 400 : 200);
    const { tell } = await start();
    for (const name of ['refused', 'good']) tell(event(name));
    await vi.waitUntil(() => listener.bodies.length >= 4 || told().join() === 'refused,good,refused', {
      timeout: 60_000,
    });
    await end();

    expect(new Set(told())).toEqual(new Set(['refused', 'good']));
    expect(told().filter((name) => name === 'good')).toHaveLength(1);
    expect(problems[0]).toMatch(
      /^telling the webhook at 127\.0\.0\.1:\d+: it answered 400; \d events? waits?, and it is tried again$/,
    );
    expect(await readdir(folder)).toEqual([]);
  });

  it('is told after a restart what could not be told before, and nobody else can read it meanwhile', async () => {
    const { url } = listener;
    await listener.close();
    const { tell } = await start();
    tell(event('waiting'));
    await vi.waitUntil(() => problems.length > 0, { timeout: 60_000 });
    await end();
    const [name = ''] = await readdir(folder);
    expect((await stat(join(folder, name))).mode & 0o077).toBe(0);
    expect(problems.join()).toContain('it cannot be reached (ECONNREFUSED)');
    expect(problems.join()).not.toContain('s3cret');

    listener = await startListener();
    expect(listener.url.host).not.toBe(url.host);
    await start();
    await vi.waitUntil(() => listener.bodies.length > 0, { timeout: 60_000 });
    await end();
    expect(told()).toEqual(['waiting']);
  });

  it('is not followed elsewhere', async () => {
    listener.answers = () => 307;
    const { tell } = await start();
    tell(event('moved'));
    await vi.waitUntil(() => problems.length > 0, { timeout: 60_000 });
    await end();

    expect(problems[0]).toContain('it answered 307');
  });

  it('is given up an event after a day, and the oldest beyond a thousand, and both are said', async () => {
    const files = await openEventFiles(folder);
    await files.put(event('old'), Date.now() - 25 * 3_600_000);
    for (let index = 0; index < 1_001; index += 1) await files.put(event(`event ${index}`), Date.now() - 1_000);
    listener.answers = () => 503;
    await start();
    await vi.waitUntil(() => problems.length > 1, { timeout: 60_000 });

    expect(problems[0]).toContain('2 events were given up');
    expect(await files.list()).toHaveLength(1_000);
    listener.answers = () => 200;
    await end();
  });
});

it('npm start tells it when a run starts and ends, with the figures that the API has', async () => {
  const tokens = { ADMIN_TOKEN: 'the-admin-of-a-test', REPORTER_TOKEN: 'the-reporter-of-a-test' };
  const locust = await startScriptedLocust();
  locust.say({ state: 'running', requests: 40 });
  const env = { ...tokens, WEBHOOK_URL: listener.url.href };
  const run = startLocalProcess({ hasOwnTime: true, folder, env, options: ['--target', `shop=${locust.url}`] });
  try {
    await says(run, /shop run \S+ started/);
    await vi.waitUntil(() => listener.bodies.length > 0, { timeout: 60_000 });
    locust.say({ state: 'stopped', requests: 50 });
    await vi.waitUntil(() => listener.bodies.length > 1, { timeout: 60_000 });

    const [started, ended] = listener.bodies.map((body) => runEvent.strict().parse(JSON.parse(body)));
    expect(started).toMatchObject({ event: 'started', run: { target: 'shop' } });
    expect(started?.run).not.toHaveProperty('endedAt');
    const [, url = ''] = /Page and API at (\S+)/.exec(run.out()) ?? [];
    const headers = { authorization: `Bearer ${tokens.ADMIN_TOKEN}` };
    const answer = await fetch(`${url}/v1/targets/shop/runs/${started?.run.run}`, { headers });
    const { endedAt, outcome, total } = (await answer.json()) as RunEvent['run'];
    expect(ended).toMatchObject({ event: 'ended', run: { endedAt, outcome, total } });
    expect(ended?.text).toMatch(/^run \S+ of shop finished, 50 requests, \d+ failures$/);
    expect(run.out()).not.toContain('s3cret');
  } finally {
    run.process.kill('SIGKILL');
    await run.exited;
    await locust.close();
  }
});

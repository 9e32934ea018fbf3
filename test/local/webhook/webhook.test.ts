import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openEventFiles } from '../../../infra/local/webhook/event-files.ts';
import { createWebhook } from '../../../infra/local/webhook/webhook.ts';
import type { Webhook } from '../../../infra/local/webhook/webhook.ts';
import { runEvent } from '../../../lambda/runs/events/run-event.ts';
import type { RunEvent } from '../../../lambda/runs/events/run-event.ts';
import { systemClock } from '../../../lambda/runtime/clock.ts';
import { startWebhookListener } from '../../support/net/webhook-listener.ts';
import type { WebhookListener } from '../../support/net/webhook-listener.ts';

vi.setConfig({ testTimeout: 240_000 });

let folder: string;
let listener: WebhookListener;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'locust2influx-webhook-'));
  listener = await startWebhookListener();
});
afterEach(async () => {
  await listener.close();
  await rm(folder, { recursive: true });
});

const event = (name: string, run = name): RunEvent => ({
  version: 1,
  id: Buffer.from(name.padEnd(16, '.')).toString('hex'),
  event: 'started',
  text: name,
  run: runEvent.shape.run.parse({
    target: 'shop',
    run,
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

    listener = await startWebhookListener();
    expect(listener.url.host).not.toBe(url.host);
    await start();
    await vi.waitUntil(() => listener.bodies.length > 0, { timeout: 60_000 });
    await end();
    expect(told()).toEqual(['waiting']);
  });

  it('that refuses an event is told later ones of other runs at once, and of the same run in their order', async () => {
    let isRefusing = true;
    listener.answers = (body) => (isRefusing && body.includes('refused') ? 503 : 200);
    const { tell } = await start();
    tell(event('refused', 'one'));
    await vi.waitUntil(() => listener.bodies.length >= 3, { timeout: 60_000 });
    tell(event('later', 'one'));
    for (const name of ['a', 'b', 'c']) {
      const asked = listener.bodies.length;
      tell(event(name, 'other'));
      await vi.waitUntil(() => told().includes(name), { timeout: 60_000 });
      // The refused one is not asked for again each time.
      expect(listener.bodies.length).toBeLessThanOrEqual(asked + 2);
    }
    expect(told()).not.toContain('later');
    isRefusing = false;
    await vi.waitUntil(() => told().includes('later'), { timeout: 60_000 });
    await end();

    expect(told().filter((name) => name !== 'refused')).toEqual(['a', 'b', 'c', 'later']);
    expect(await readdir(folder)).toEqual([]);
  });

  it('that does not answer keeps nobody from stopping for more than some seconds, however much waits', async () => {
    listener.answers = () => 'nothing';
    const files = await openEventFiles(folder);
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) await files.put(event(name), Date.now());
    await start();
    await vi.waitUntil(() => listener.bodies.length > 0, { timeout: 60_000 });
    await end();

    expect(listener.bodies.length).toBeLessThanOrEqual(2);
    expect(await files.list()).toHaveLength(6);
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

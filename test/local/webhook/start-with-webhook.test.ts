import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { runEvent } from '../../../lambda/runs/events/run-event.ts';
import type { RunEvent } from '../../../lambda/runs/events/run-event.ts';
import { startScriptedLocust } from '../../support/locust/scripted-locust.ts';
import { startWebhookListener } from '../../support/net/webhook-listener.ts';
import { says, startLocalProcess } from '../../support/rigs/local-process.ts';

vi.setConfig({ testTimeout: 240_000 });

it('npm start tells it when a run starts and ends, with the figures that the API has', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'locust2influx-webhook-'));
  const listener = await startWebhookListener();
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
    await listener.close();
    await rm(folder, { recursive: true });
  }
});

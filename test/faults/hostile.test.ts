import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startEmbeddedDynamoDb } from '../../infra/local/embedded-dynamodb.ts';
import { startFaultyInflux } from '../support/faulty-influx.ts';
import { hold, hostileKinds, startHostile } from '../support/hostile-locusts.ts';
import type { HostileLocust } from '../support/hostile-locusts.ts';
import { startLocustFarm } from '../support/locust-farm.ts';
import { startRegistry } from '../support/registry.ts';
import type { HostileOutcome, HostileTask } from './programs/hostile-window.ts';

const program = new URL('programs/hostile-window.ts', import.meta.url).pathname;
/** Two attempts at what hangs, six instants for the others. */
const windowMs = 12_500;
/** As AWS sets Node up in 256 MB. */
const node = { execArgv: ['--max-old-space-size=230'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] as const };
const maxMb = 256;

// Of real time: where other work takes the machine for a second, an instant is missed whoever answers.
const options = { timeout: 60_000, retry: 1 };

it('20 good targets beside every hostile kind and 24 held bodies miss no instant, in 256 MB', options, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'locust2influx-hostile-'));
  const database = await startEmbeddedDynamoDb({ folder });
  const registry = await startRegistry(database.endpoint);
  const influx = await startFaultyInflux();
  const farm = await startLocustFarm((_id, asked) => ({ state: 'running', requests: asked }));
  const hostiles: HostileLocust[] = [];
  onTestFinished(async () => {
    await Promise.all([
      ...hostiles.map(({ server }) => server.close()),
      registry.close(),
      influx.close(),
      farm.close(),
    ]);
    await database.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const add = async (id: string, hostile: Parameters<typeof startHostile>[0], more: object = {}): Promise<void> => {
    const started = await startHostile(hostile);
    hostiles.push(started);
    await registry.putTarget({ id, url: started.url, sampleSeconds: 2, ...more });
  };
  for (const [kind, hostile] of Object.entries(hostileKinds)) await add(`bad-${kind}`, hostile);
  const longAgo = '2026-11-01T00:00:00.000Z';
  const troubled = { checkedAt: longAgo, since: longAgo, error: { kind: 'timeout', message: 'as ever' } };
  for (let index = 0; index < 24; index += 1) {
    await add(`holds-${index}`, { answer: hold }, index < 8 ? {} : { status: troubled });
  }
  const good = Array.from({ length: 20 }, (_, index) => `good-${index}`);
  for (const id of good) await registry.putTarget({ id, url: farm.urlOf(id), sampleSeconds: 2 });

  const child = fork(program, { execArgv: node.execArgv, stdio: [...node.stdio] });
  child.send({
    dynamoDbEndpoint: database.endpoint,
    influxUrl: influx.settings.url,
    remainingMs: windowMs + 1_500,
  } satisfies HostileTask);
  const [outcome] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`the collector ended with ${String(code)}`))),
  ])) as [HostileOutcome];

  const totalsOf = (id: string): number[] =>
    [...influx.points.keys()]
      .filter((series) => series.startsWith('locust_total,') && series.includes(`,target=${id} `))
      .map((series) => Number(series.slice(series.lastIndexOf(' ') + 1)));
  const instants = good.map((id) => totalsOf(id).length);
  const figures = {
    hostile: hostiles.length,
    good: good.length,
    instantsOfGoodOnes: [Math.min(...instants), Math.max(...instants)],
    peakMb: Math.round(outcome.peakMb),
    durationMs: outcome.durationMs,
    latenessMs: outcome.summary.latenessMs,
    failures: outcome.summary.failures,
  };
  process.stdout.write(`among hostile targets: ${JSON.stringify(figures)}\n`);
  for (const [kind, { outcomes }] of Object.entries(hostileKinds)) {
    // Whatever it does, the window's end may cut it short.
    const seen = outcome.outcomes[`bad-${kind}`] ?? ['none'];
    expect({ kind, wrong: seen.filter((each) => !outcomes.includes(each) && each !== 'timeout') }).toEqual({
      kind,
      wrong: [],
    });
    expect({ kind, isSeen: seen.some((each) => outcomes.includes(each)) }).toEqual({ kind, isSeen: true });
  }
  expect(outcome.outcomes['bad-rebinding']).toEqual(['ok', 'blocked-address']);
  expect(outcome.isPolluted).toBe(false);
  // Every instant from the first to the last one, for every good target.
  for (const id of good) {
    const times = totalsOf(id);
    const span = (Math.max(...times) - Math.min(...times)) / 2_000;
    expect(times.length).toBe(span + 1);
    expect(span).toBeGreaterThanOrEqual(4);
  }
  expect(outcome.durationMs).toBeLessThan(windowMs + 1_000);
  expect(outcome.peakMb).toBeLessThan(maxMb);
});

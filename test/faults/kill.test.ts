import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { withResolvers } from '../../lambda/runtime/with-resolvers.ts';
import { startTableServer } from '../support/aws/table-server.ts';
import { startFaultyInflux } from '../support/influx/faulty-influx.ts';
import { startLocustFarm } from '../support/locust/locust-farm.ts';
import { startRegistry } from '../support/rigs/registry.ts';
import { runner } from '../support/rigs/typescript-program.ts';
import type { CollectorTask, Said } from './programs/collector.ts';

const program = join(import.meta.dirname, 'programs/collector.ts');
/** A window of a minute in two seconds. */
const speed = 30;
const kills = 20;
/** No process is killed before it has put so many new lines in safety, however slow the machine is. */
const leastLines = 20;
const firstAtMs = Date.parse('2026-11-22T14:05:00Z');

/** The next of a row of numbers from 0 to 1 that is the same each time, and looks random. */
function createDice(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
}

it(`killed at ${kills} random moments of its windows, the collector has lost nothing that it reported as stored`, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'locust2influx-kill-'));
  const database = await startTableServer();
  const registry = await startRegistry(database.endpoint);
  const influx = await startFaultyInflux();
  const farm = await startLocustFarm((_id, asked) => ({ state: 'running', requests: asked }));
  onTestFinished(async () => {
    await Promise.all([registry.close(), influx.close(), farm.close()]);
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });
  for (let index = 0; index < 5; index += 1) {
    await registry.putTarget({ id: `target-${index}`, url: farm.urlOf(`target-${index}`), sampleSeconds: 2 });
  }
  const spoolFolder = join(folder, 'spool');
  const reported = new Set<string>();
  let spooled = 0;
  let nowMs = firstAtMs;
  const prepare = () => fork(runner, [program], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const start = (child: ChildProcess, windows: number) => {
    const task: CollectorTask = {
      ...{ dynamoDbEndpoint: database.endpoint, influxUrl: influx.settings.url, spoolFolder },
      ...{ startAtMs: nowMs, speed, windows },
    };
    child.send(task);
    const said = withResolvers<undefined>();
    const before = reported.size;
    child.on('message', ({ where, stored, atMs }: Said) => {
      if (where === 'spool') spooled += stored.length;
      for (const line of stored) reported.add(line);
      nowMs = Math.max(nowMs, atMs);
      if (reported.size - before >= leastLines) said.resolve(undefined);
    });
    return { said: said.promise, exited: once(child, 'exit') };
  };

  const dice = createDice(20_261_122);
  let next = prepare();
  for (let kill = 0; kill < kills; kill += 1) {
    await influx.behave(kill % 3 === 0 ? 'is-down' : kill % 3 === 1 ? 'works' : 'resets-mid-answer');
    const child = next;
    // The next one loads its modules while this one works.
    next = prepare();
    const { said, exited } = start(child, 100);
    await said;
    await sleep(dice() * 300);
    child.kill('SIGKILL');
    await exited;
    nowMs += 2_000;
  }
  await influx.behave('works');
  const left = async (): Promise<number> => (await readdir(join(spoolFolder, 'waiting'))).length;
  await start(next, 1).exited;
  // A window is two seconds long here: enough to send everything, but on a machine that is busy with other things.
  for (let more = 0; more < 20 && (await left()) > 0; more += 1) await start(prepare(), 1).exited;

  const stored = new Set([...influx.points].map(([series, fields]) => series.replace(' ', ` ${fields} `)));
  const missing = [...reported].filter((line) => !stored.has(line));
  const figures = { kills, reported: reported.size, spooled, stored: stored.size, missing: missing.length };
  process.stdout.write(`killed while windows ran: ${JSON.stringify(figures)}\n`);
  expect(missing).toEqual([]);
  expect(await left()).toBe(0);
  expect(reported.size).toBeGreaterThan(200);
  expect(spooled).toBeGreaterThan(100);
}, 300_000);

import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startTableServer } from '../support/aws/table-server.ts';
import { startFaultyInflux } from '../support/influx/faulty-influx.ts';
import type { FaultyInflux } from '../support/influx/faulty-influx.ts';
import { hostileKinds } from '../support/locust/hostile-locusts.ts';
import { startLocustFarm } from '../support/locust/locust-farm.ts';
import { startRegistry } from '../support/rigs/registry.ts';
import type { TestRegistry } from '../support/rigs/registry.ts';
import { runner } from '../support/rigs/typescript-program.ts';
import { lostIn, stallsBetween, watchStalls } from '../support/time/stalls.ts';
import type { Stall } from '../support/time/stalls.ts';
import type { HostileUrls } from './programs/hostile-servers.ts';
import type { HostileOutcome, HostileTask } from './programs/hostile-window.ts';

/** Two attempts at what hangs, six instants for the others, and the beginning of a seventh. */
const windowMs = 12_500;
const sampleMs = 2_000;
const instantsMs = Array.from({ length: 6 }, (_, index) => index * sampleMs);
/** As AWS sets Node up in 256 MB. */
const collectorArgv = ['--max-semi-space-size=12', '--max-old-space-size=230'];
const maxMb = 256;
const [holders, troubledFrom] = [24, 8];
const good = Array.from({ length: 20 }, (_, index) => `good-${index}`);

/**
 * A sample is missed that is begun 1 s late, or not taken before the next instant. Where other work had the machine
 * for so long, ms, from 1 s before it on, that says nothing of the collector, and another window has to show it; but
 * not where the collector itself worked for as long at a stretch.
 */
const excusedMs = 700;
const disturbedMs = 2_000;
const minInstants = 5;
const maxWindows = 4;

interface CollectedWindow extends HostileOutcome {
  /** What the machine took in a span, both in ms from the window's beginning. */
  lostMs(fromMs: number, toMs: number): number;
  /** Other work had the machine for so long that even a harmless target may not have been read. */
  readonly isDisturbed: boolean;
  /** Whether an instant says nothing of the collector. */
  isExcused(instantMs: number): boolean;
}

const title = '20 good targets beside every hostile kind and 24 held bodies miss no instant, in 256 MB';
it(title, { timeout: maxWindows * 25_000 }, async (context) => {
  const { register, influx, collect } = await startAll();
  const windows: CollectedWindow[] = [];
  const [met, missed]: [number[], string[]] = [[], []];
  const isShown = (): boolean =>
    met.length >= minInstants && (unseenKinds(windows).length === 0 || windows.at(-1)?.isDisturbed === false);
  while (missed.length === 0 && !isShown()) {
    context.skip(windows.length === maxWindows, 'other work had the machine all the time');
    await register();
    const window = await collect();
    windows.push(window);
    for (const instantMs of instantsMs) {
      const without = good.filter((id) => !hasTotal(influx, id, window.startAtMs + instantMs));
      if (without.length === 0) met.push(instantMs);
      else if (!window.isExcused(instantMs)) missed.push(`${without.join()} at ${instantMs} ms`);
    }
  }

  const durationsMs = windows.map(({ startAtMs, endedAtMs }) => endedAtMs - startAtMs);
  const peakMb = Math.max(...windows.map((window) => window.peakMb));
  const last = windows.at(-1)?.summary;
  const figures = { windows: windows.length, met: met.length, missed: missed.length, peakMb: Math.round(peakMb) };
  const more = { durationsMs, latenessMs: last?.latenessMs, failures: last?.failures };
  process.stdout.write(`among hostile targets: ${JSON.stringify({ ...figures, ...more })}\n`);
  expect(missed).toEqual([]);
  expect(peakMb).toBeLessThan(maxMb);
  expect(windows.filter(({ isPolluted }) => isPolluted)).toEqual([]);
  for (const [kind, { outcomes }] of Object.entries(hostileKinds)) {
    // Whatever it does, the window's end may cut it short.
    const seen = windows.flatMap((window) => window.outcomes[`bad-${kind}`] ?? []);
    const wrong = seen.filter((each) => !outcomes.includes(each) && each !== 'timeout');
    expect({ kind, wrong }).toEqual({ kind, wrong: [] });
  }
  expect(unseenKinds(windows)).toEqual([]);
  // What hangs is cut off by then; nothing but what the machine took may come on top.
  const ownMs = windows.map((each, index) => (durationsMs[index] ?? NaN) - each.lostMs(windowMs - sampleMs, Infinity));
  expect(Math.max(...ownMs)).toBeLessThan(windowMs + 1_000);
});

async function startAll(): Promise<{
  readonly influx: FaultyInflux;
  /** Puts all targets, as if nothing were known of them but that some holders have been in trouble. */
  readonly register: () => Promise<void>;
  /** Collects one window in a process of its own. */
  readonly collect: () => Promise<CollectedWindow>;
}> {
  const database = await startTableServer();
  const registry = await startRegistry(database.endpoint);
  const influx = await startFaultyInflux();
  const farm = await startLocustFarm((_id, asked) => ({ state: 'running', requests: asked }));
  const servers = start('hostile-servers.ts');
  onTestFinished(async () => {
    servers.kill();
    await Promise.all([registry, influx, farm].map((each) => each.close()));
    await database.close();
  });
  const hostiles = await answerOf<HostileUrls>(servers, holders);
  const remainingMs = windowMs + 1_500;
  const task: HostileTask = { dynamoDbEndpoint: database.endpoint, influxUrl: influx.settings.url, remainingMs };
  const urls = { ...hostiles, ...Object.fromEntries(good.map((id) => [id, farm.urlOf(id)])) };
  return { influx, register: () => putTargets(registry, urls), collect: () => collectWindow(task) };
}

async function putTargets(registry: TestRegistry, urls: Readonly<Record<string, string>>): Promise<void> {
  const longAgo = '2026-11-01T00:00:00.000Z';
  const status = { checkedAt: longAgo, since: longAgo, error: { kind: 'timeout', message: 'as ever' } };
  for (const [id, url] of Object.entries(urls)) {
    const isTroubled = Number(/^holds-(\d+)$/.exec(id)?.[1] ?? 0) >= troubledFrom;
    await registry.putTarget({ id, url, sampleSeconds: 2, ...(isTroubled && { status }) });
  }
}

async function collectWindow(task: HostileTask): Promise<CollectedWindow> {
  // The good targets, the tables and InfluxDB are here: whatever keeps them from answering is not the collector's fault.
  const watch = watchStalls();
  const outcome = await answerOf<HostileOutcome>(start('hostile-window.ts', collectorArgv), task);
  const here = watch.stop().map((each) => ({ ...each, lostMs: each.lostMs + each.ownMs, ownMs: 0 }));
  const between = (fromMs: number, toMs: number): readonly Stall[] =>
    stallsBetween([...outcome.stalls, ...here], outcome.startAtMs + fromMs, outcome.startAtMs + toMs);
  return {
    ...outcome,
    lostMs: (fromMs, toMs) => lostIn(between(fromMs, toMs)),
    isDisturbed: lostIn(between(0, Infinity)) > disturbedMs,
    isExcused(instantMs) {
      const stalls = between(instantMs - 1_000, instantMs + sampleMs);
      return lostIn(stalls) > excusedMs && stalls.every(({ ownMs }) => ownMs < excusedMs);
    },
  };
}

function start(program: string, execArgv: readonly string[] = []): ChildProcess {
  const path = join(import.meta.dirname, 'programs', program);
  return fork(runner, [path], { execArgv: [...execArgv], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

/** What a program says to its task. */
async function answerOf<Answer>(child: ChildProcess, task: Parameters<ChildProcess['send']>[0]): Promise<Answer> {
  child.send(task);
  const [answer] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`the program ended with ${String(code)}`))),
  ])) as [Answer];
  return answer;
}

/** Kinds of which none of the outcomes that are theirs was seen; of the name that changes its address, the second. */
function unseenKinds(windows: readonly CollectedWindow[]): readonly string[] {
  const rebinding = { ...hostileKinds['rebinding'], outcomes: ['blocked-address'] };
  return Object.entries({ ...hostileKinds, rebinding })
    .filter(([kind, { outcomes }]) => {
      const seen = windows.flatMap((window) => window.outcomes[`bad-${kind}`] ?? []);
      return !seen.some((each) => outcomes.includes(each));
    })
    .map(([kind]) => kind);
}

function hasTotal({ points }: FaultyInflux, id: string, instantMs: number): boolean {
  return [...points.keys()].some(
    (series) =>
      series.startsWith('locust_total,') && series.includes(`,target=${id} `) && series.endsWith(` ${instantMs}`),
  );
}

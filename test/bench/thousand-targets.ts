import type { WindowSummary } from '../../lambda/collector/window-figures/summary.ts';
import { systemClock as clock } from '../../lambda/runtime/clock.ts';
import type { Figure } from './figures.ts';
import { createManyEndpoints } from './many-endpoints.ts';
import type { Program } from './program.ts';
import type { CollectorCalls } from './programs/collector.ts';
import type { FloorCalls } from './programs/floor.ts';
import { median, quartiles, ratios } from './statistics.ts';
import { inSurroundings } from './surroundings.ts';
import type { Surroundings } from './surroundings.ts';

const bench = 'thousand-targets';
const targetCount = 1000;
const endpoints = 20;
const sampleSeconds = 10;
const intervalMs = sampleSeconds * 1000;
const roundsPerMinute = 60 / sampleSeconds;
/** How long the tests have been running already. */
const runningForMs = 15 * 60_000;
/** What Lambda would say is left: more than the window needs. */
const remainingMs = 75_000;

/** One window, and per round the CPU of collector and floor for one sample, ms. */
interface Minute {
  readonly summary: WindowSummary;
  readonly collectorMs: readonly number[];
  readonly floorMs: readonly number[];
}

interface Scene {
  readonly around: Surroundings;
  readonly collector: Program<CollectorCalls>;
  readonly floor: Program<FloorCalls>;
  readonly urls: readonly string[];
}

/**
 * Minutes of a thousand targets, in real time. Collector and floor take turns: the one works at the instants, the
 * other half an interval later, on the same servers and with the same texts to post.
 */
export function thousandTargets(): Promise<readonly Figure[]> {
  return inSurroundings(async (around) => {
    const scene = await setScene(around);
    // The first minute is one of a new environment, the second one of an environment that has worked before.
    const minutes = [await measureMinute(scene), await measureMinute(scene)];
    const { peakMb } = await scene.collector.call('usage', undefined);
    const collector = await around.startCollector('by-default');
    const byDefault = await measureMinute({ ...scene, collector });
    const { peakMb: peakMbByDefault } = await collector.call('usage', undefined);
    return [
      ...cpuFigures(minutes),
      { bench, what: 'peak memory, Node started as in Lambda', unit: 'MB', goal: 256, measured: peakMb },
      { bench, what: 'peak memory, Node by default', unit: 'MB', goal: 256, measured: peakMbByDefault },
      ...countFigures([...minutes, byDefault].map(({ summary }) => summary)),
    ];
  });
}

async function setScene(around: Surroundings): Promise<Scene> {
  const startedAtMs = Math.floor((clock.now() - runningForMs) / intervalMs) * intervalMs;
  const urls = await around.locusts.call('startMany', { count: targetCount, endpoints, startedAtMs });
  const targets = urls.map((url, index) => ({ id: `target-${String(index).padStart(4, '0')}`, url }));
  const untilMs = startedAtMs + runningForMs - 60_000;
  const body = createManyEndpoints(endpoints)(0);
  await around.registry.call('putRunning', { targets, sampleSeconds, startedAtMs, untilMs, body });
  const floor = around.start<FloorCalls>(new URL('programs/floor.ts', import.meta.url));
  return { around, urls, floor, collector: await around.startCollector('as-in-lambda') };
}

async function measureMinute({ around, collector, floor, urls }: Scene): Promise<Minute> {
  const scheduledAtMs = Math.ceil((clock.now() + 1000) / intervalMs) * intervalMs;
  await clock.sleepUntil(scheduledAtMs);
  await floor.call('startMinute', undefined);
  const cpuMs = [(await collector.call('usage', undefined)).cpuMs];
  const floorMs: number[] = [];
  const window = collector.call('window', { scheduledAtMs, remainingMs });
  for (let round = 0; round < roundsPerMinute; round += 1) {
    await clock.sleepUntil(scheduledAtMs + (round + 0.5) * intervalMs);
    // What the last instant brought is complete when the window has ended.
    if (round === roundsPerMinute - 1) await window;
    cpuMs.push((await collector.call('usage', undefined)).cpuMs);
    const texts = await around.writeEndpoint.call('takeWrites', undefined);
    const tookMs = await floor.call('round', { urls, texts, writeUrl: `${around.influxUrl}/floor` });
    floorMs.push(tookMs / targetCount);
  }
  const collectorMs = cpuMs.slice(1).map((after, round) => (after - (cpuMs[round] ?? 0)) / targetCount);
  return { summary: await window, collectorMs, floorMs };
}

function cpuFigures(minutes: readonly Minute[]): readonly Figure[] {
  const whole = minutes.map(({ collectorMs, floorMs }) => sumOf(collectorMs) / sumOf(floorMs));
  // The window begins by reading the registry and ends by writing every run.
  const amid = minutes.flatMap(({ collectorMs, floorMs }) => ratios(collectorMs, floorMs).slice(1, -1));
  const floor = minutes.flatMap(({ floorMs }) => floorMs);
  return [
    {
      bench,
      what: 'CPU per sample / floor',
      unit: '×',
      goal: 1.5,
      measured: median(whole),
      spread: [Math.min(...whole), Math.max(...whole)],
    },
    { bench, what: '… amid a window', unit: '×', measured: median(amid), spread: quartiles(amid) },
    { bench, what: 'floor, CPU per sample', unit: 'ms', measured: median(floor), spread: quartiles(floor) },
  ];
}

function countFigures(summaries: readonly WindowSummary[]): readonly Figure[] {
  const count = (what: string, of: (summary: WindowSummary) => number, goal?: number): Figure => ({
    bench,
    what,
    unit: 'count',
    measured: sumOf(summaries.map(of)),
    ...(goal !== undefined && { goal }),
  });
  return [
    count('instants missed', ({ missed }) => missed, 0),
    count('instants skipped', ({ skipped }) => skipped, 0),
    count('failed attempts', ({ failures }) => sumOf(Object.values(failures)), 0),
    count('platform failures', ({ platformFailures }) => platformFailures, 0),
    count('points not delivered', ({ pointsRejected, pointsWaiting }) => pointsRejected + pointsWaiting, 0),
    count('samples', ({ samples }) => samples),
    count('points delivered', ({ pointsDelivered }) => pointsDelivered),
  ];
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

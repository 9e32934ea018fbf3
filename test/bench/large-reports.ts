import { readFile } from 'node:fs/promises';
import type { WindowSummary } from '../../lambda/collector/window-figures/summary.ts';
import { systemClock as clock } from '../../lambda/runtime/clock.ts';
import type { Figure } from './figures.ts';
import type { Program } from './program.ts';
import type { CollectorCalls } from './programs/collector.ts';
import { inSurroundings } from './surroundings.ts';

const recorded = new URL('../fixtures/locust-reports/2.12.1-many.running.json', import.meta.url);
const bench = 'large-reports';
const targetCount = 64;
const sampleSeconds = 5;
const intervalMs = sampleSeconds * 1000;
const instants = 4;
/** The collector ends 1.5 s before the invocation would, its fetches half a second before that. */
const remainingMs = instants * intervalMs - 1000;

/** As many targets as are read at once, each with as many rows as Locust sends. */
export function largeReports(): Promise<readonly Figure[]> {
  return inSurroundings(async (around) => {
    const body = await readFile(recorded, 'utf8');
    const urls = await around.locusts.call('startFixed', { count: targetCount, body });
    const targets = urls.map((url, index) => ({ id: `large-${String(index).padStart(2, '0')}`, url }));
    const untilMs = clock.now() - 60_000;
    const startedAtMs = untilMs - 15 * 60_000;
    await around.registry.call('putRunning', { targets, sampleSeconds, startedAtMs, untilMs, body });
    const inLambda = await collect(await around.startCollector('as-in-lambda'));
    const byDefault = await collect(await around.startCollector('by-default'));
    const lostOf = ({ summary: { missed, skipped, failures } }: Collected): number =>
      missed + skipped + Object.values(failures).reduce((sum, count) => sum + count, 0);
    return [
      { bench, what: 'peak memory, Node started as in Lambda', unit: 'MB', goal: 256, measured: inLambda.peakMb },
      { bench, what: 'peak memory, Node by default', unit: 'MB', goal: 256, measured: byDefault.peakMb },
      { bench, what: 'samples lost', unit: 'count', goal: 0, measured: lostOf(inLambda) + lostOf(byDefault) },
      { bench, what: 'samples', unit: 'count', measured: inLambda.summary.samples + byDefault.summary.samples },
    ];
  });
}

interface Collected {
  readonly summary: WindowSummary;
  readonly peakMb: number;
}

async function collect(collector: Program<CollectorCalls>): Promise<Collected> {
  const scheduledAtMs = Math.ceil((clock.now() + 500) / intervalMs) * intervalMs;
  await clock.sleepUntil(scheduledAtMs);
  const summary = await collector.call('window', { scheduledAtMs, remainingMs });
  const { peakMb } = await collector.call('usage', undefined);
  return { summary, peakMb };
}

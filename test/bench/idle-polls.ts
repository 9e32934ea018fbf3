import type { Figure } from './figures.ts';
import { median, quartiles } from './statistics.ts';
import { inSurroundings } from './surroundings.ts';
import type { Surroundings } from './surroundings.ts';

const bench = 'idle-polls';
const live = 10;
const dead = 10_000;
const body = JSON.stringify({ state: 'ready', stats: [], errors: [], user_count: 0, fail_ratio: 0, total_rps: 0 });
/** The first ones compile the code. */
const warmUp = 50;
const measured = 150;

interface Polls {
  readonly cpuMs: readonly number[];
  readonly peakMb: number;
}

/** What an idle poll of ten targets costs, alone and beside ten thousand finished ones. */
export function idlePolls(): Promise<readonly Figure[]> {
  return inSurroundings(async (around) => {
    const urls = await around.locusts.call('startFixed', { count: live, body });
    await around.registry.call('putIdle', { targets: urls.map((url, index) => ({ id: `live-${index}`, url })) });
    const bare = await poll(around);
    await around.registry.call('putDead', { count: dead });
    const full = await poll(around);
    const cpu = ({ cpuMs }: Polls) => ({ unit: 'ms' as const, measured: median(cpuMs), spread: quartiles(cpuMs) });
    const ratio = (what: string, of: (polls: Polls) => number): Figure => ({
      ...{ bench, what, unit: '×', measured: of(full) / of(bare), goal: 1.2 },
    });
    return [
      { bench, what: `CPU of a poll, ${live} live targets`, ...cpu(bare) },
      { bench, what: `… and ${dead.toLocaleString('en')} dead`, ...cpu(full) },
      ratio(`CPU of a poll, ${live} live targets, ${dead.toLocaleString('en')} dead`, ({ cpuMs }) => median(cpuMs)),
      ratio('… memory', ({ peakMb }) => peakMb),
    ];
  });
}

async function poll(around: Surroundings): Promise<Polls> {
  const collector = await around.startCollector('as-in-lambda');
  const cpuMs = await collector.call('idlePolls', { count: warmUp + measured });
  const { peakMb } = await collector.call('usage', undefined);
  return { cpuMs: cpuMs.slice(warmUp), peakMb };
}

import { readFileSync } from 'node:fs';

/** A thread could not go on for a while. */
export interface Stall {
  /** When it was over, ms. */
  readonly atMs: number;
  /** Other work had the machine, or that stood still, ms. */
  readonly lostMs: number;
  /** The thread's own work at a stretch, ms of CPU. */
  readonly ownMs: number;
}

const tickMs = 20;
/** A timer's own slack. */
const slackMs = 10;

/**
 * CPU that this thread has used, ms. Node says so from 23.9 on, Linux always. Elsewhere it is all threads' together, which
 * excuses less.
 */
function ownCpuMs(): number {
  if (process.platform === 'linux') {
    const [runNs] = readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ');
    return Number(runNs) / 1_000_000;
  }
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Notes when this thread cannot go on, and whose fault that is. */
export function watchStalls(): { stop(): readonly Stall[] } {
  const stalls: Stall[] = [];
  let lastAtMs = Date.now();
  let lastCpuMs = ownCpuMs();
  const timer = setInterval(() => {
    const nowMs = Date.now();
    const cpuMs = ownCpuMs();
    const ownMs = cpuMs - lastCpuMs;
    const gapMs = nowMs - lastAtMs - tickMs;
    if (gapMs > slackMs) stalls.push({ atMs: nowMs, lostMs: Math.max(0, gapMs - ownMs), ownMs });
    [lastAtMs, lastCpuMs] = [nowMs, cpuMs];
  }, tickMs);
  return {
    stop() {
      clearInterval(timer);
      return stalls;
    },
  };
}

/** Those that fall into a span, also in part. */
export function stallsBetween(stalls: readonly Stall[], fromAtMs: number, toAtMs: number): readonly Stall[] {
  return stalls.filter(({ atMs, lostMs, ownMs }) => atMs > fromAtMs && atMs - lostMs - ownMs < toAtMs);
}

/** What a thread lost in all, ms. */
export function lostIn(stalls: readonly Stall[]): number {
  return stalls.reduce((sum, { lostMs }) => sum + lostMs, 0);
}

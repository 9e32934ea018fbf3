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

/** Notes when this thread cannot go on, and whose fault that is. */
export function watchStalls(): { stop(): readonly Stall[] } {
  const stalls: Stall[] = [];
  let lastMs = Date.now();
  let lastCpu = process.threadCpuUsage();
  const timer = setInterval(() => {
    const nowMs = Date.now();
    const cpu = process.threadCpuUsage();
    const ownMs = (cpu.user - lastCpu.user + cpu.system - lastCpu.system) / 1_000;
    const gapMs = nowMs - lastMs - tickMs;
    if (gapMs > slackMs) stalls.push({ atMs: nowMs, lostMs: Math.max(0, gapMs - ownMs), ownMs });
    [lastMs, lastCpu] = [nowMs, cpu];
  }, tickMs);
  return {
    stop() {
      clearInterval(timer);
      return stalls;
    },
  };
}

/** Those that fall into a span, also in part. */
export function stallsBetween(stalls: readonly Stall[], fromMs: number, toMs: number): readonly Stall[] {
  return stalls.filter(({ atMs, lostMs, ownMs }) => atMs > fromMs && atMs - lostMs - ownMs < toMs);
}

/** What a thread lost in all, ms. */
export function lostIn(stalls: readonly Stall[]): number {
  return stalls.reduce((sum, { lostMs }) => sum + lostMs, 0);
}

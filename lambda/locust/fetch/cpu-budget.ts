/** Does some work, and counts what it costs. */
export type CpuSpending = <Result>(work: () => Result) => Result;

/** What CPU time is measured with, ms. */
export interface CpuMeter {
  /** The CPU time used so far. */
  readonly cpuMs: () => number;
  /** The time passed by a clock that is cheap to ask and never set. */
  readonly passedMs: () => number;
}

/** What the answers of each target may cost, by its id: its URL may change meanwhile, and be another target's as well. */
export interface CpuBudget {
  /** Whether a target has had its share: its answers are no longer read. */
  isSpent(target: string): boolean;
  /** Does some work for a target, without waiting for anything, and counts what it costs. */
  spend<Result>(target: string, work: () => Result): Result;
}

/**
 * A plain answer of 500 rows costs about 5 ms, the largest that the limits let through about 70: this is 30 of these,
 * as many as a window asks of a target. The rest of the window's minute is for the other targets.
 */
export const maxCpuMsPerTarget = 2_000;

/** So much work, by the clock, is counted together: asking the system for CPU time costs more than a small piece's work. */
const batchMs = 20;

/**
 * An unspent budget, for one window. What the clock counts while other work has the processor is no cost of a target:
 * the CPU time used meanwhile bounds what a batch of work may have cost.
 */
export function createCpuBudget(meter: CpuMeter, maxMs = maxCpuMsPerTarget): CpuBudget {
  const spentMs = new Map<string, number>();
  const batch = new Map<string, number>();
  let [batchedMs, cpuBeforeMs] = [0, 0];

  const settle = (): void => {
    const share = Math.min(1, (meter.cpuMs() - cpuBeforeMs) / batchedMs);
    for (const [target, ms] of batch) spentMs.set(target, (spentMs.get(target) ?? 0) + ms * share);
    batch.clear();
    batchedMs = 0;
  };
  return {
    isSpent: (target) => (spentMs.get(target) ?? 0) + (batch.get(target) ?? 0) >= maxMs,
    spend(target, work) {
      if (batch.size === 0) cpuBeforeMs = meter.cpuMs();
      const startedAtMs = meter.passedMs();
      try {
        return work();
      } finally {
        const ms = meter.passedMs() - startedAtMs;
        batch.set(target, (batch.get(target) ?? 0) + ms);
        batchedMs += ms;
        if (batchedMs >= batchMs) settle();
      }
    },
  };
}

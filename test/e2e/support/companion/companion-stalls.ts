import { expect } from 'vitest';
import type { Stall } from './companion-watch-stalls.ts';

/** What processes have printed of their stalls: companion-print-stalls.ts, and companion_locustfile.py. */
export function stallsIn(output: string): readonly Stall[] {
  const printed = output.matchAll(/stalled (\d+) (\d+)/g);
  return [...printed].map(([, from, until]) => ({ fromAtMs: Number(from), untilMs: Number(until) }));
}

/** How long stalls lasted together, ms. */
export function lengthOf(stalls: readonly Stall[]): number {
  return stalls.reduce((sum, { fromAtMs, untilMs }) => sum + untilMs - fromAtMs, 0);
}

/** Whether an instant so soon after the first one is sampled is left to chance. */
const marginMs = 500;
/** What was late because of a stall may be so for a moment longer. */
const aftermathMs = 1_000;

/**
 * Expects, between the first and the last sample, which are where the test began and ended, one for every instant that is
 * a multiple of the interval, up to the last such one: while a test stops, nothing is sampled. Those may be missing at
 * which a process that takes them stalled: nobody could have taken them.
 */
export function expectInstants(instants: readonly number[], intervalMs: number, stalls: readonly Stall[]): void {
  const [firstAtMs = NaN, lastAtMs = NaN] = [instants[0], instants.at(-2)];
  const due: number[] = [];
  const dueFromAtMs = Math.ceil((firstAtMs + marginMs) / intervalMs) * intervalMs;
  for (let atMs = dueFromAtMs; atMs <= lastAtMs; atMs += intervalMs) due.push(atMs);
  const isExcused = (atMs: number): boolean =>
    stalls.some(({ fromAtMs, untilMs }) => fromAtMs < atMs && untilMs > atMs - intervalMs - aftermathMs);
  expect(due.length).toBeGreaterThan(0);
  expect(instants.slice(1, -1).filter((atMs) => atMs % intervalMs !== 0)).toEqual([]);
  expect(due.filter((atMs) => !instants.includes(atMs) && !isExcused(atMs))).toEqual([]);
}

import { expect } from 'vitest';
import type { Stall } from './companion-watch-stalls.ts';

/** What processes have told of their stalls: companion-tell-stalls.ts, and companion_locustfile.py. */
export function stallsIn(output: string): readonly Stall[] {
  const told = output.matchAll(/stalled (\d+) (\d+)/g);
  return [...told].map(([, from, until]) => ({ fromMs: Number(from), untilMs: Number(until) }));
}

/** How long stalls lasted together, ms. */
export function lengthOf(stalls: readonly Stall[]): number {
  return stalls.reduce((sum, { fromMs, untilMs }) => sum + untilMs - fromMs, 0);
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
  const [firstMs = NaN, lastMs = NaN] = [instants[0], instants.at(-2)];
  const due: number[] = [];
  const dueFromMs = Math.ceil((firstMs + marginMs) / intervalMs) * intervalMs;
  for (let atMs = dueFromMs; atMs <= lastMs; atMs += intervalMs) due.push(atMs);
  const isExcused = (atMs: number): boolean =>
    stalls.some(({ fromMs, untilMs }) => fromMs < atMs && untilMs > atMs - intervalMs - aftermathMs);
  expect(due.length).toBeGreaterThan(0);
  expect(instants.slice(1, -1).filter((atMs) => atMs % intervalMs !== 0)).toEqual([]);
  expect(due.filter((atMs) => !instants.includes(atMs) && !isExcused(atMs))).toEqual([]);
}

import type { Unit } from './figures.ts';

/** Above its percentile there must be so many requests: one slow request more or less then moves it little. */
const minRequestsAbove = 5;

/** How many requests a figure of this kind needs before it says anything. @param part of requests above it, 0 to 1 */
export function requestsNeeded(part: number): number {
  // Of 0.05 and its like, what was meant.
  return Math.ceil(Math.round((minRequestsAbove / part) * 1e6) / 1e6);
}

/** The digits that Locust keeps of a response time in its percentiles, ms. */
function roundingStep(valueMs: number): number {
  if (valueMs < 100) return 1;
  if (valueMs < 1_000) return 10;
  return valueMs < 10_000 ? 100 : 1_000;
}

/**
 * By how much a figure of two equal runs may differ: for times a step of Locust's own rounding, for what is counted two
 * standard deviations of chance.
 * @param baseline the baseline's figure, in the unit
 * @param requests of both runs
 */
export function noiseOf(
  unit: Unit,
  baseline: number,
  requests: { readonly ours: number; readonly baseline: number },
): number {
  const [ours, theirs] = [Math.max(1, requests.ours), Math.max(1, requests.baseline)];
  switch (unit) {
    case 'time':
      return roundingStep(baseline);
    case 'ratio': {
      // Where nothing failed, one failure is chance as well.
      const part = Math.min(0.5, Math.max(baseline / 100, 1 / theirs));
      return 200 * Math.sqrt(part * (1 - part) * (1 / ours + 1 / theirs));
    }
    case 'rate':
    case 'count':
      return (2 * baseline) / Math.sqrt(theirs);
  }
}

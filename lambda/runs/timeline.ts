import type { Percentile } from '../locust/report/report.ts';

/** One sample of a run's picture: seconds since the run was first seen (before it below 0), users, requests/s, failures/s, p50 ms, p95 ms; null where Locust said nothing. */
export type TimelineSample = readonly [
  seconds: number,
  users: number | null,
  rps: number | null,
  failPerSec: number | null,
  p50: number | null,
  p95: number | null,
];

/** What a sample says, as far as a run's picture shows it. */
interface PicturedFigures {
  readonly userCount: number | undefined;
  readonly currentRps: number | undefined;
  readonly currentFailPerSec: number | undefined;
  readonly currentPercentiles: readonly Percentile[];
}

/** @param seconds since the run was first seen */
export function timelineSample(seconds: number, figures: PicturedFigures): TimelineSample {
  const { userCount, currentRps, currentFailPerSec, currentPercentiles } = figures;
  const current = (label: string): number | null =>
    currentPercentiles.find((percentile) => percentile.label === label)?.value ?? null;
  return [seconds, userCount ?? null, currentRps ?? null, currentFailPerSec ?? null, current('50'), current('95')];
}

/** So many samples draw a picture well and keep a run below a tenth of DynamoDB's 400 KB per item. */
export const maxTimelineSamples = 240;

/**
 * The timeline with one more sample, which must not be earlier than the others.
 * The samples stay evenly spaced: at most one in each slot, and slots double in length as the run grows, so that
 * never more than `maxTimelineSamples` remain. Depends on the samples alone, so a repeated window changes nothing.
 */
export function withSample(
  timeline: readonly TimelineSample[],
  sample: TimelineSample,
  sampleSeconds: number,
): readonly TimelineSample[] {
  // What was filled in from before the run was first seen has room of its own.
  const spanSeconds = sample[0] - Math.min(0, timeline[0]?.[0] ?? 0);
  const slotSeconds = slotSecondsAt(spanSeconds, sampleSeconds);
  const slot = ([seconds]: TimelineSample): number => Math.floor(seconds / slotSeconds);
  const thinned = timeline.filter((each, index) => {
    const before = timeline[index - 1];
    return before === undefined || slot(each) !== slot(before);
  });
  const last = thinned.at(-1);
  if (last !== undefined && slot(last) === slot(sample)) return thinned;
  return [...thinned, sample];
}

/** The timeline with samples of other origin, in order, where it has none of its own. */
export function fillTimeline(
  timeline: readonly TimelineSample[],
  samples: readonly TimelineSample[],
  sampleSeconds: number,
): readonly TimelineSample[] {
  const all = [...timeline, ...samples];
  const [first, last] = [Math.min(...all.map(([s]) => s)), Math.max(...all.map(([s]) => s))];
  const slotSeconds = slotSecondsAt(last - Math.min(0, first), sampleSeconds);
  const slot = ([seconds]: TimelineSample): number => Math.floor(seconds / slotSeconds);
  const taken = new Set(timeline.map(slot));
  const missing = samples.filter((sample) => !taken.has(slot(sample)));
  return [...timeline, ...missing]
    .sort(([a], [b]) => a - b)
    .reduce<readonly TimelineSample[]>((filled, each) => withSample(filled, each, sampleSeconds), []);
}

/** One timeline of what two know of the same run; of two samples of one second, the other's. */
export function mergeTimelines(
  timeline: readonly TimelineSample[],
  other: readonly TimelineSample[],
): readonly TimelineSample[] {
  // The usual case: one has gone on from the other.
  if (timeline.every((sample, index) => sample === other[index])) return other;
  const bySecond = new Map([...timeline, ...other].map((sample) => [sample[0], sample]));
  const samples = [...bySecond.values()].sort(([a], [b]) => a - b);
  const gaps = samples.slice(1).map(([seconds], index) => seconds - (samples[index]?.[0] ?? 0));
  // No finer than either of them, so that the slots are theirs.
  const slotSeconds = Math.min(...gaps, Infinity);
  if (slotSeconds === Infinity) return samples;
  return samples.reduce<readonly TimelineSample[]>((merged, each) => withSample(merged, each, slotSeconds), []);
}

/** `sampleSeconds`, doubled until the whole run fits into the slots. */
function slotSecondsAt(elapsedSeconds: number, sampleSeconds: number): number {
  const needed = (elapsedSeconds + 1) / (sampleSeconds * maxTimelineSamples);
  return needed <= 1 ? sampleSeconds : sampleSeconds * 2 ** Math.ceil(Math.log2(needed));
}

/** One sample of a run's picture: seconds since the start, users, requests/s, failures/s, p50 ms, p95 ms; null where Locust said nothing. */
export type TimelineSample = readonly [
  seconds: number,
  users: number | null,
  rps: number | null,
  failPerSec: number | null,
  p50: number | null,
  p95: number | null,
];

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
  const slotSeconds = slotSecondsAt(sample[0], sampleSeconds);
  const slot = ([seconds]: TimelineSample): number => Math.floor(seconds / slotSeconds);
  const thinned = timeline.filter((each, index) => {
    const before = timeline[index - 1];
    return before === undefined || slot(each) !== slot(before);
  });
  const last = thinned.at(-1);
  if (last !== undefined && slot(last) === slot(sample)) return thinned;
  return [...thinned, sample];
}

/** `sampleSeconds`, doubled until the whole run fits into the slots. */
function slotSecondsAt(elapsedSeconds: number, sampleSeconds: number): number {
  const needed = (elapsedSeconds + 1) / (sampleSeconds * maxTimelineSamples);
  return needed <= 1 ? sampleSeconds : sampleSeconds * 2 ** Math.ceil(Math.log2(needed));
}

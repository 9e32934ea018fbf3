import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxTimelineSamples, mergeTimelines, withSample } from '../../lambda/runs/timeline.ts';
import type { TimelineSample } from '../../lambda/runs/timeline.ts';

const at = (seconds: number): TimelineSample => [seconds, 1, 2, 0, 10, 20];
const secondsOf = (timeline: readonly TimelineSample[]): number[] => timeline.map(([seconds]) => seconds);

function timelineOf(everySeconds: number, untilSeconds: number): readonly TimelineSample[] {
  let timeline: readonly TimelineSample[] = [];
  for (let seconds = 0; seconds <= untilSeconds; seconds += everySeconds) {
    timeline = withSample(timeline, at(seconds), everySeconds);
  }
  return timeline;
}

describe("a run's timeline", () => {
  it('keeps every sample of a short run', () => {
    expect(secondsOf(timelineOf(10, 50))).toEqual([0, 10, 20, 30, 40, 50]);
  });

  it('is thinned by halves, evenly, when it is full', () => {
    const full = timelineOf(10, 2390);
    expect(full).toHaveLength(240);

    const thinned = timelineOf(10, 2420);

    expect(secondsOf(thinned).slice(0, 4)).toEqual([0, 20, 40, 60]);
    expect(secondsOf(thinned).slice(-2)).toEqual([2400, 2420]);
  });

  it('thins with the very sample that would be one too many', () => {
    for (const every of [2, 10, 60]) {
      expect(timelineOf(every, every * 239)).toHaveLength(240);
      const thinned = secondsOf(timelineOf(every, every * 240));
      expect(thinned).toEqual(Array.from({ length: 121 }, (_, index) => index * 2 * every));
    }
  });

  it('never outgrows its limit and stays evenly spaced, for runs of seconds to weeks', () => {
    fc.assert(
      fc.property(fc.constantFrom(2, 5, 10, 15, 20, 30, 60), fc.integer({ min: 0, max: 30_000 }), (every, count) => {
        const timeline = timelineOf(every, every * count);
        const seconds = secondsOf(timeline);
        const gaps = new Set(seconds.slice(1).map((each, index) => each - (seconds[index] ?? 0)));

        expect(seconds.length).toBeLessThanOrEqual(maxTimelineSamples);
        expect(seconds.length).toBeGreaterThanOrEqual(Math.min(count + 1, maxTimelineSamples / 2 - 1));
        expect(seconds[0]).toBe(0);
        expect(gaps.size).toBeLessThanOrEqual(1);
      }),
      { numRuns: 20 },
    );
  });

  it('takes the same sample twice without a change', () => {
    const once = timelineOf(10, 100);

    expect(withSample(once, at(100), 10)).toEqual(once);
  });

  it('of two that each missed some samples of the same run is the one of somebody who missed none', () => {
    const run = fc.record({
      every: fc.constantFrom(2, 5, 10, 30),
      count: fc.integer({ min: 2, max: 700 }),
      parts: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
    });
    fc.assert(
      fc.property(run, ({ every, count, parts }) => {
        // One saw the run until some time, the other from an earlier one on, and both its beginning.
        const [from, until] = [Math.min(...parts), Math.max(...parts)].map((part) => Math.round(part * count));
        const all = Array.from({ length: count }, (_, index) => at(index * every));
        const take = (samples: readonly TimelineSample[]): readonly TimelineSample[] =>
          samples.reduce<readonly TimelineSample[]>((timeline, each) => withSample(timeline, each, every), []);
        const one = take(all.slice(0, until));
        const other = take([...all.slice(0, 2), ...all.slice(Math.max(2, from ?? 0))]);

        const merged = secondsOf(mergeTimelines(one, other));

        expect(merged.length).toBeLessThanOrEqual(maxTimelineSamples);
        const whole = secondsOf(take(all));
        // Where one was thinned before the two met, its samples are as wide apart as they were.
        if (count <= maxTimelineSamples) expect(merged).toEqual(whole);
        else expect(merged).toEqual(expect.arrayContaining(whole.slice(0, -1)));
        expect(merged).toEqual([...merged].sort((a, b) => a - b));
      }),
      { numRuns: 100 },
    );
  });
});

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCollectorRig } from '../../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../../support/rigs/collector-rig.ts';
import { playSchedule } from '../../support/rigs/schedule-play.ts';
import type { Call, Played } from '../../support/rigs/schedule-play.ts';

let rig: CollectorRig;
beforeAll(async () => {
  rig = await startCollectorRig({ idleSeconds: 60 });
});
afterAll(() => rig.close());

/** The last minute ends the test, and has to come for that. */
const lastMinute = 3;
const stopMs = lastMinute * 60_000 + 30_000;
const lateMs = fc.oneof(fc.integer({ min: 0, max: 59_000 }), fc.integer({ min: 0, max: 2_500 }));

/** Minutes that come late, twice or not at all; the first and the last do come. */
const schedule = fc
  .tuple(
    ...Array.from({ length: lastMinute + 1 }, () => fc.array(lateMs, { minLength: 0, maxLength: 2 })),
    lateMs,
    lateMs,
  )
  .map((drawn): readonly Call[] => {
    const minutes = drawn.slice(0, lastMinute + 1) as number[][];
    return minutes.flatMap((times, minute) => {
      const isNeeded = times.length === 0 && (minute === 0 || minute === lastMinute);
      return (isNeeded ? [0] : times).map((each) => ({ minute, lateMs: minute === lastMinute ? each % 30_000 : each }));
    });
  });
/** Each takes more than a second of CPU; another `FC_SEED` draws others. */
const numRuns = 7;
const sampleSeconds = fc.constantFrom(2, 5, 10, 15, 20, 30, 60);

/** How long the figures of a test's end are waited for, however short the test was. */
const settleSeconds = 5.5;

/**
 * A perfect schedule pays for the test from a wait for its first instant on, to the scrape that finds it ended, and until
 * its figures have settled.
 */
function expectCheap({ billedSeconds, stored }: Played, every: number): void {
  const perfectSeconds = every + stopMs / 1000 + every + settleSeconds - (stored[0] ?? 0);
  expect(billedSeconds).toBeLessThanOrEqual(1.15 * perfectSeconds);
}

describe('whatever the schedule does', () => {
  it('a test whose first windows were killed or missing is cheap too, though its end settles for longer than it was seen', async () => {
    const calls = [
      { minute: 0, lateMs: 0, killedAtCall: 1 },
      { minute: lastMinute, lateMs: 21_001 },
    ];
    const played = await playSchedule(rig, { sampleSeconds: 2, calls, stopMs });
    expect(played.stored).toEqual([202, 204, 206, 208]);
    expectCheap(played, 2);
  });

  it('every instant is sampled once, or counted as missed, and never both', async () => {
    await fc.assert(
      fc.asyncProperty(schedule, sampleSeconds, async (calls, every) => {
        const played = await playSchedule(rig, { sampleSeconds: every, calls, stopMs });
        const { stored, expected, missed } = played;
        expect(new Set(stored).size).toBe(stored.length);
        expect(stored.filter((each) => !expected.includes(each))).toEqual([]);
        expect(stored.length + missed).toBe(expected.length);
        expectCheap(played, every);
      }),
      { numRuns },
    );
  });

  it('and wherever windows are killed, no instant is lost without being counted', async () => {
    const killed = fc.array(fc.option(fc.integer({ min: 1, max: 150 })), { minLength: 8, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(schedule, sampleSeconds, killed, async (calls, every, kills) => {
        // The last window tells what it has counted, and lives.
        const mortal = calls.map((call, index) =>
          call.minute === lastMinute ? call : { ...call, killedAtCall: kills[index % kills.length] ?? undefined },
        );
        const played = await playSchedule(rig, { sampleSeconds: every, calls: mortal, stopMs });
        const { stored, expected, missed } = played;
        expect(new Set(stored).size).toBe(stored.length);
        expect(stored.length + missed).toBeGreaterThanOrEqual(expected.length);
        expectCheap(played, every);
      }),
      { numRuns },
    );
  });
});

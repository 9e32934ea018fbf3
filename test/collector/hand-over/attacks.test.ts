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

const minutes = (count: number, lateMs = 300): Call[] =>
  Array.from({ length: count }, (_, minute) => ({ minute, lateMs }));

function expectNothingLost({ stored, expected, missed }: Played): void {
  expect(new Set(stored).size).toBe(stored.length);
  expect(stored.filter((each) => !expected.includes(each))).toEqual([]);
  expect(stored.length + missed).toBeGreaterThanOrEqual(expected.length);
}

it('a schedule that is doubled for long samples each instant once, and costs little more', async () => {
  const calls = minutes(20).flatMap((call, minute) => [call, { minute, lateMs: (minute * 7_919) % 59_000 }]);
  const stopMs = 19.5 * 60_000;
  const played = await playSchedule(rig, { sampleSeconds: 60, calls, stopMs });

  expect(played.stored).toEqual(played.expected);
  expect(played.missed).toBe(0);
  expect(played.billedSeconds).toBeLessThan((1.15 * stopMs) / 1000);
});

it('a poll whose message is delivered three times samples each instant once', async () => {
  const poll = { minute: 0, isPoll: true };
  const polls = [10_000, 10_000, 10_400].map((lateMs) => ({ ...poll, lateMs }));
  const calls = [...polls, ...minutes(3).slice(1), { ...poll, minute: 1, lateMs: 20_000 }];
  const { stored, expected, missed } = await playSchedule(rig, { sampleSeconds: 2, calls, stopMs: 130_000 });

  expect(stored).toEqual(expected);
  expect(stored[0]).toBeLessThan(15);
  expect(missed).toBe(0);
});

describe('claims that cannot be written', () => {
  it.each(['throttled', 'late'] as const)('whichever of them is %s, each instant is sampled once', async (fate) => {
    for (const failed of [1, 2, 3, 4, 6, 9]) {
      const calls = [...minutes(2), { minute: 2, lateMs: 20_300 }, { minute: 3, lateMs: 300 }];
      const claimWrite = (index: number) => (index === failed ? fate : undefined);
      const { stored, expected, missed } = await playSchedule(rig, {
        sampleSeconds: 10,
        calls,
        stopMs: 200_000,
        claimWrite,
      });

      expect({ failed, stored }).toEqual({ failed, stored: expected });
      expect({ failed, missed }).toEqual({ failed, missed: 0 });
    }
  });

  it.each([
    ['late', 3, 1],
    ['late', 3, 99],
    ['late', 5, 10_001],
  ] as const)('an instant that is claimed and taken over at once is sampled (%s, each %d., %d ms)', async (...odd) => {
    const [fate, every, lateMs] = odd;
    const calls = [...minutes(1, 0), { minute: 1, lateMs }, { minute: 3, lateMs: 0 }];
    const claimWrite = (index: number) => (index % every === 0 ? fate : undefined);
    const { stored, expected, missed } = await playSchedule(rig, {
      sampleSeconds: 10,
      calls,
      stopMs: 200_000,
      claimWrite,
    });

    expect(stored).toEqual(expected);
    expect(missed).toBe(0);
  });

  it('what a window left that was killed is counted, where the next one cannot take over for some seconds', async () => {
    const calls = [{ minute: 0, lateMs: 0, killedAtMs: 31_000 }, { minute: 1, lateMs: 40_000 }, ...minutes(4).slice(2)];
    const claimWrite = (_index: number, atMs: number) =>
      atMs >= 100_000 && atMs < 105_000 ? ('throttled' as const) : undefined;
    expectNothingLost(await playSchedule(rig, { sampleSeconds: 10, calls, stopMs: 210_000, claimWrite }));
  });

  it('nor where it cannot until the test is over', async () => {
    const calls = [
      { minute: 0, lateMs: 0, killedAtMs: 31_000 },
      { minute: 1, lateMs: 40_000 },
    ];
    const claimWrite = (_index: number, atMs: number) => (atMs >= 100_000 && atMs < 135_000 ? 'throttled' : undefined);
    expectNothingLost(await playSchedule(rig, { sampleSeconds: 10, calls, stopMs: 130_000, claimWrite }));
  });

  it('and whatever else happens to windows: each instant is sampled once, or counted', async () => {
    const failing = fc.record({
      fate: fc.constantFrom('throttled' as const, 'late' as const),
      every: fc.integer({ min: 3, max: 9 }),
      killedAtCall: fc.option(fc.integer({ min: 1, max: 120 })),
      lateMs: fc.integer({ min: 0, max: 59_000 }),
    });
    await fc.assert(
      fc.asyncProperty(failing, async ({ fate, every, killedAtCall, lateMs }) => {
        const calls = [
          { minute: 0, lateMs: 0, killedAtCall: killedAtCall ?? undefined },
          { minute: 1, lateMs },
          { minute: 3, lateMs: 0 },
        ];
        const claimWrite = (index: number) => (index % every === 0 ? fate : undefined);
        expectNothingLost(await playSchedule(rig, { sampleSeconds: 10, calls, stopMs: 200_000, claimWrite }));
      }),
      { numRuns: 5 },
    );
  });
});

it('a window that is killed between its claim and its sample leaves nothing that is not counted', async () => {
  for (let killedAtCall = 1; killedAtCall <= 33; killedAtCall += 4) {
    const calls = [{ minute: 0, lateMs: 0, killedAtCall }, ...minutes(3).slice(1)];
    expectNothingLost(await playSchedule(rig, { sampleSeconds: 30, calls, stopMs: 150_000 }));
  }
});

it('what a window left that was killed is counted where the test is over soon after', async () => {
  const calls = [{ minute: 0, lateMs: 0, killedAtMs: 51_000 }, ...minutes(2).slice(1)];
  expectNothingLost(await playSchedule(rig, { sampleSeconds: 2, calls, stopMs: 65_000 }));
});

it.each([
  ['an hour back', -3_600_000],
  ['a day forward', 86_400_000],
])(
  'a clock that jumps %s between two windows, and is right again a minute later, loses nothing silently',
  async (_, byMs) => {
    const calls = [{ minute: 0, lateMs: 0, killedAtMs: 45_000 }, ...minutes(4).slice(1)];
    const wrongClock = { fromMs: 59_000, byMs, forMs: 60_000 };
    expectNothingLost(await playSchedule(rig, { sampleSeconds: 10, calls, stopMs: 210_000, wrongClock }));
  },
);

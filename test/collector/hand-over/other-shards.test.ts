import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCollectorRig } from '../../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../../support/rigs/collector-rig.ts';
import { playSchedule } from '../../support/rigs/schedule-play.ts';
import type { Call } from '../../support/rigs/schedule-play.ts';

let rig: CollectorRig;
beforeAll(async () => {
  rig = await startCollectorRig({ idleSeconds: 60 });
});
afterAll(() => rig.close());

/** The windows of one minute under a number of shards, each so many ms late. */
const windowsOf = (minute: number, shards: number, ...lateMs: readonly number[]): Call[] =>
  lateMs.map((each, shard) => ({ minute, lateMs: each, share: { shard, shards } }));

it.each([
  ['one shard becomes two', [...windowsOf(0, 1, 0), ...windowsOf(1, 2, 300, 2_700), ...windowsOf(2, 2, 0, 900)]],
  ['two shards become one', [...windowsOf(0, 2, 0, 900), ...windowsOf(1, 1, 4_300), ...windowsOf(2, 1, 300)]],
  ['one becomes two and one again', [...windowsOf(0, 1, 0), ...windowsOf(1, 2, 300, 20_300), ...windowsOf(2, 1, 700)]],
  [
    'both schedules come for a minute',
    [...windowsOf(0, 1, 0), ...windowsOf(1, 1, 900), ...windowsOf(1, 2, 1_300, 300), ...windowsOf(2, 2, 0, 900)],
  ],
  [
    'a window of before comes twice',
    [...windowsOf(0, 1, 0), ...windowsOf(1, 2, 0, 100), ...windowsOf(1, 1, 9_500), ...windowsOf(2, 2, 0, 900)],
  ],
])('a deployment changes the number of shards while a test runs: %s', async (_, calls) => {
  const { stored, expected, missed, billedSeconds } = await playSchedule(rig, {
    sampleSeconds: 2,
    calls,
    stopMs: 150_000,
  });

  expect(stored).toEqual(expected);
  expect(missed).toBe(0);
  expect(billedSeconds).toBeLessThan(1.15 * 152);
});

it.each([
  ['long before the next ones begin', 31_000, 10_000],
  ['so shortly before that they take it for alive', 55_000, 300],
])(
  'what a window left is counted that was killed when the number of shards was changed: %s',
  async (_, killedAtMs, lateMs) => {
    const calls = [
      { minute: 0, lateMs: 0, killedAtMs },
      ...windowsOf(1, 2, lateMs, lateMs + 300),
      ...windowsOf(2, 2, 0, 900),
    ];
    const { stored, expected, missed } = await playSchedule(rig, { sampleSeconds: 2, calls, stopMs: 150_000 });

    expect(new Set(stored).size).toBe(stored.length);
    expect(stored.length).toBeLessThan(expected.length);
    expect(stored.length + missed).toBeGreaterThanOrEqual(expected.length);
  },
);

import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCollectorRig } from '../../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../../support/rigs/collector-rig.ts';
import { playSchedule } from '../../support/rigs/schedule-play.ts';
import type { Call } from '../../support/rigs/schedule-play.ts';

let rig: CollectorRig;
beforeAll(async () => {
  rig = await startCollectorRig({ idleSeconds: 60 });
});
afterAll(() => rig.close());

/** Calls that come so many seconds late, minute by minute. */
const late = (...seconds: readonly number[]): Call[] =>
  seconds.map((each, minute) => ({ minute, lateMs: each * 1000 }));

describe('windows hand over', () => {
  it.each([
    ['0, 25, 0', [0, 25, 0], 10],
    ['0.4, 1.6, 0.4', [0.4, 1.6, 0.4], 10],
    ['2, 8, 3, 20, 0', [2, 8, 3, 20, 0], 2],
    ['0, 59, 0', [0, 59, 0], 2],
    ['59, 0, 59', [59, 0, 59], 5],
    ['0, 0, 0', [0, 0, 0], 2],
  ])('where they begin %s s late: none lost', async (_, seconds, sampleSeconds) => {
    const stopMs = (seconds.length - 1) * 60_000 + 30_000;
    const { stored, expected, missed, billedSeconds } = await playSchedule(rig, {
      sampleSeconds,
      calls: late(...seconds),
      stopMs,
    });

    expect(stored).toEqual(expected);
    expect(missed).toBe(0);
    expect(billedSeconds).toBeLessThanOrEqual((1.15 * (stopMs + sampleSeconds * 1000)) / 1000);
  });

  it('what a late window has counted, the next one does not count again', async () => {
    const calls = [late(0)[0], { minute: 2, lateMs: 50_001 }, { minute: 3, lateMs: 0 }] as Call[];
    const { stored, expected, missed } = await playSchedule(rig, { sampleSeconds: 20, calls, stopMs: 210_000 });

    expect(stored).toEqual([0, 20, 40, 60, 80, 100, 180, 200]);
    expect(missed).toBe(expected.length - stored.length);
  });

  it.each([
    ['all of them where Locust’s counters prove that the test went on', true, 0],
    ['those of five minutes where another may have begun, and of the last half minute', false, 5 * 30 + 14],
  ])('of the instants of half an hour without any window are counted %s', async (_, saysAge, counted) => {
    const calls = [0, 30].map((minute) => ({ minute, lateMs: 0 }));
    const { stored, expected, missed } = await playSchedule(rig, {
      sampleSeconds: 2,
      calls,
      stopMs: 30.5 * 60_000,
      saysAge,
    });

    expect(missed).toBe(counted > 0 ? counted : expected.length - stored.length);
  });

  it('what two windows left that were killed one after the other is counted once, and what the second had counted as well', async () => {
    const calls = [
      { minute: 0, lateMs: 0, killedAtCall: 12 },
      { minute: 2, lateMs: 0, killedAtCall: 8 },
      { minute: 3, lateMs: 0 },
    ];
    const { stored, expected, missed } = await playSchedule(rig, { sampleSeconds: 2, calls, stopMs: 210_000 });

    // The first sample is stored, but the window was killed before it could say so.
    expect(stored).toEqual([0, ...expected.filter((each) => each >= 180)]);
    expect(missed).toBe(expected.length - stored.length + 1);
  });

  it('a claim of another version does not keep windows from handing over', async () => {
    const TableName = 'Runs';
    const other = { target: '_claims', run: 'shard-0-of-1', revision: 7, holder: 'old', claimedMs: 1 };
    await rig.registry.client.send(new PutCommand({ TableName, Item: other }));
    const { stored, expected, missed } = await playSchedule(rig, {
      sampleSeconds: 10,
      calls: late(0, 25, 0),
      stopMs: 150_000,
    });

    expect(stored).toEqual(expected);
    expect(missed).toBe(0);
    const { Item: claim } = await rig.registry.client.send(
      new GetCommand({ TableName, Key: { target: other.target, run: other.run } }),
    );
    expect(claim).toMatchObject({ isOver: true });
  });

  it.each([
    ['an hour behind', -3_600_000],
    ['a day ahead', 86_400_000],
  ])(
    'where the clock is %s for seven seconds: no instant is sampled twice or goes uncounted, and none is lost afterwards',
    async (_, byMs) => {
      const { stored, expected, missed } = await playSchedule(rig, {
        sampleSeconds: 2,
        calls: late(0.3, 0.3, 0.3),
        stopMs: 150_000,
        wrongClock: { fromMs: 31_000, byMs, forMs: 7_000 },
      });
      const right = stored.filter((each) => each >= 0 && each < 150);

      expect(new Set(stored).size).toBe(stored.length);
      expect(right.length + missed).toBeGreaterThanOrEqual(expected.length);
      expect(right.filter((each) => each <= 30)).toHaveLength(16);
      expect(right.filter((each) => each >= 62)).toHaveLength(44);
    },
  );
});

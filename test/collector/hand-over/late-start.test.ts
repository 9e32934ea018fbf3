import { afterEach, describe, expect, it } from 'vitest';
import { minute, second, startCollectorRig } from '../../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../../support/rigs/collector-rig.ts';
import { at, secondsOf } from '../../support/time/instants.ts';
import { slowLocusts } from '../../support/locust/slow-locust.ts';

let rig: CollectorRig;
afterEach(() => rig.close());

const running = { state: 'running', requests: 10 } as const;
const everyTwo = (from: number, to: number): number[] =>
  Array.from({ length: (to - from) / 2 }, (_, index) => from + index * 2);

describe('a start that is seen between two instants', () => {
  it.each([
    ['a look every 30 s that comes 1.5 s late', 30, { from: at(30) }, 31.5, everyTwo(32, 60)],
    ['a window that comes 7.3 s late, without looks', 60, {}, 7.3, everyTwo(8, 68)],
  ])(
    'is sampled at the target’s own interval from the next instant on: %s',
    async (_, idleSeconds, event, now, all) => {
      rig = await startCollectorRig({ idleSeconds });
      const locust = await rig.locust('shop', running, { sampleSeconds: 2 });
      await rig.clock.advanceTo(minute + now * second);

      const summary = await rig.window({ scheduledTime: at(0), ...event });

      expect(summary).toMatchObject({ end: 'complete', looks: 1, samples: all.length, missed: 0, skipped: 0 });
      expect(secondsOf(await rig.sink.points('locust_total'))).toEqual(all);
      expect(locust.asked).toBe(all.length + 1);
      expect(await rig.registry.runsOf('shop')).toMatchObject([{ startedAt: at(all[0] ?? 0) }]);
    },
  );

  it('does not wait for another target that hangs: the next instant samples it', async () => {
    rig = await startCollectorRig({ idleSeconds: 60 });
    await rig.locust('shop', running, { sampleSeconds: 2 });
    const hanging = await rig.locust('hanging');
    await rig.clock.advanceTo(minute + 7.3 * second);
    const slow = slowLocusts(rig, (url) => (url === hanging.url ? Infinity : undefined));

    await rig.clock.runUntilDone(rig.begin({ scheduledTime: at(0) }, { ports: slow }));

    expect(secondsOf(await rig.sink.points('locust_total'))).toEqual(everyTwo(8, 68));
    expect(slow.readings.map(({ atMs }) => (atMs - minute) / second)).toEqual([7.3, 60]);
  });
});

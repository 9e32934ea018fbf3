import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { minute, second, startCollectorRig } from '../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../support/rigs/collector-rig.ts';
import { at } from '../support/time/instants.ts';

let rig: CollectorRig;
beforeEach(async () => {
  rig = await startCollectorRig();
});
afterEach(() => rig.close());

describe('the last window is on record, so that anybody can ask whether the collector is alive', () => {
  it('when it sampled', async () => {
    await rig.locust('shop', { state: 'running', requests: 10 });
    const { samples, pointsDelivered } = await rig.window({ scheduledTime: at(0) });

    expect(samples).toBe(6);
    expect(await rig.registry.windows.last()).toMatchObject([
      {
        shard: 0,
        shards: 1,
        end: 'complete',
        targets: 1,
        samples,
        pointsDelivered,
        endedAt: new Date(rig.clock.now()).toISOString(),
      },
    ]);
  });

  it('when nothing is registered, and the newest alone', async () => {
    await rig.window({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 60 * second);
    await rig.window({ scheduledTime: at(60) });

    expect(await rig.registry.windows.last()).toMatchObject([{ end: 'idle', targets: 0, endedAt: at(60) }]);
  });

  it('for each share of the targets', async () => {
    for (const shard of [0, 1]) await rig.window({ scheduledTime: at(0), shard, shards: 2 });

    expect((await rig.registry.windows.last()).map(({ shard }) => shard)).toEqual([0, 1]);
  });

  it('but not a look between the minutes', async () => {
    await rig.clock.advanceTo(minute + 10 * second);
    await rig.window({ scheduledTime: at(0), from: at(10) });

    expect(await rig.registry.windows.last()).toEqual([]);
  });

  it('and where it cannot be, the window is as good as any', async () => {
    const windows = { save: () => Promise.reject(new Error('throttled')) };
    const summary = await rig.clock.runUntilDone(rig.begin({ scheduledTime: at(0) }, { ports: { windows } }));

    expect(summary).toMatchObject({ end: 'idle', platformFailures: 1 });
    expect(rig.problems).toEqual(['putting the window on record']);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startFaultRig, startAtMs, timesStored } from '../support/rigs/fault-rig.ts';
import type { FaultRig } from '../support/rigs/fault-rig.ts';

let rig: FaultRig;
beforeEach(async () => {
  rig = await startFaultRig();
});
afterEach(() => rig.close());

const at = (seconds: number): string => new Date(startAtMs + seconds * 1000).toISOString();

/** Every instant of these seconds is there once for every target, and nothing else is. */
function expectInstants(seconds: readonly number[]): void {
  const stored = [...rig.influx.points.keys()].filter((series) => series.startsWith('locust_total,'));
  const instants = stored.map((series) => (Number(series.slice(series.lastIndexOf(' ') + 1)) - startAtMs) / 1000);
  const expected = seconds.flatMap((each) => [each, each, each]);
  expect(instants.toSorted((a, b) => a - b)).toEqual(expected);
  expect(timesStored(rig)).toEqual({ missing: 0, once: expected.length, more: 0 });
}
const every10 = (from: number, to: number): number[] =>
  Array.from({ length: (to - from) / 10 }, (_, index) => from + index * 10);

describe('one point per target and instant', () => {
  it('where every minute is delivered twice at once, to two environments', async () => {
    await rig.addTargets(3);
    const others = [rig.collector(), rig.collector()];
    for (const start of [0, 60, 120]) {
      await rig.clock.advanceTo(startAtMs + start * 1000);
      const windows = others.map((each) => rig.begin({ scheduledTime: at(start) }, each));
      await rig.clock.runUntilDone(Promise.all(windows));
    }
    expectInstants(every10(0, 180));
    const run = (await rig.registry.runsOf('target-000')).map(({ run: id }) => id);
    expect(run).toEqual(['20261122T140500Z']);
  });

  it('where minutes come out of order', async () => {
    await rig.addTargets(3);
    await rig.clock.advanceTo(startAtMs + 60_000);
    const later = rig.begin({ scheduledTime: at(60) }, rig.collector());
    await rig.clock.advanceTo(startAtMs + 70_500);
    await rig.begin({ scheduledTime: at(0) }, rig.collector());
    const twice = rig.begin({ scheduledTime: at(60) }, rig.collector());
    await rig.clock.runUntilDone(Promise.all([later, twice]));
    // The second is 10.5 s late, so it goes on for its minute from then on.
    expectInstants(every10(60, 130));
  });

  it('where every window is 40 s late', async () => {
    await rig.addTargets(3);
    for (const start of [0, 60, 120]) {
      await rig.clock.advanceTo(startAtMs + (start + 40) * 1000);
      await rig.window({ scheduledTime: at(start) });
    }
    expectInstants(every10(40, 220));
  });

  it.each([
    ['forward, over two instants', 25, 25.5, [0, 10, 20, 50]],
    ['back, over two instants', 35, -20, [0, 10, 20, 30, 40, 50]],
  ])('where the clock jumps %s', async (_way, atSeconds, bySeconds, expected) => {
    await rig.addTargets(3);
    const window = rig.begin({ scheduledTime: at(0) });
    await rig.clock.advanceTo(startAtMs + atSeconds * 1000);
    rig.clock.jumpTo(startAtMs + (atSeconds + bySeconds) * 1000);
    const summary = await rig.clock.runUntilDone(window);
    expect(summary.end).toBe('complete');
    expectInstants(expected);
  });
});

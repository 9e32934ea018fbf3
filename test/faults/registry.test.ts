import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Collector } from '../../lambda/collector/collector.ts';
import type { CollectorPorts } from '../../lambda/collector/window-context.ts';
import { startFaultRig, startAtMs, sumOf, timesStored } from '../support/rigs/fault-rig.ts';
import type { FaultRig } from '../support/rigs/fault-rig.ts';
import { withDeadlines } from '../support/time/hand-clock.ts';

type Trouble = 'none' | 'throttles' | 'hangs' | 'is-gone';

let rig: FaultRig;
let state: string;
let trouble: Trouble;
let collector: Collector;
beforeEach(async () => {
  [state, trouble] = ['running', 'none'];
  rig = await startFaultRig((_id, asked) => ({ state, requests: asked }));
  collector = rig.collector(troubled());
});
afterEach(() => rig.close());

/** Ports to the real tables that are in trouble when the test says so. */
function troubled(): Partial<CollectorPorts> {
  const failing = <Result>(action: () => Promise<Result>): Promise<Result> => {
    if (trouble === 'hangs') return new Promise(() => undefined);
    if (trouble === 'throttles') return Promise.reject(new Error('ProvisionedThroughputExceededException'));
    if (trouble === 'is-gone') return Promise.reject(new Error('getaddrinfo ENOTFOUND dynamodb'));
    return action();
  };
  const { targets, runs } = rig.ports;
  return {
    clock: withDeadlines(rig.clock),
    targets: {
      readWatched: (share) => failing(() => targets.readWatched(share)),
      adoptStrays: (share, round) => failing(() => targets.adoptStrays(share, round)),
      unwatch: (target) => failing(() => targets.unwatch(target)),
      writeStatus: (...given) => failing(() => targets.writeStatus(...given)),
    },
    runs: {
      read: (keys) => failing(() => runs.read(keys)),
      save: (...given) => failing(() => runs.save(...given)),
      replace: (...given) => failing(() => runs.replace(...given)),
      newest: (...given) => failing(() => runs.newest(...given)),
      saveResult: (...given) => failing(() => runs.saveResult(...given)),
      readResult: (...given) => failing(() => runs.readResult(...given)),
      findBaseline: (...given) => failing(() => runs.findBaseline(...given)),
    },
  };
}

const runIds = (): Set<string> =>
  new Set([...rig.influx.points.keys()].flatMap((series) => /,run=([^, ]+)/.exec(series)?.[1] ?? []));

describe('DynamoDB', () => {
  it.each(['throttles', 'hangs', 'is-gone'] as const)(
    '%s for two minutes: no instant is missed, the run stays one, and the windows say so',
    async (how) => {
      await rig.addTargets(5);
      await rig.minutes(2, collector);
      trouble = how;
      await rig.minutes(2, collector);
      expect(rig.summaries.slice(2).every(({ platformFailures }) => platformFailures > 0)).toBe(true);
      expect(rig.problems.join()).toContain('reading the targets; those read last are used');
      trouble = 'none';
      await rig.minutes(1, collector);

      expect(timesStored(rig)).toEqual({ missing: 0, once: 5 * 6 * 5, more: 0 });
      expect(rig.taken).toHaveLength(5 * 6 * 5);
      expect([sumOf(rig.summaries, 'missed'), sumOf(rig.summaries, 'skipped')]).toEqual([0, 0]);
      expect(runIds()).toEqual(new Set(['20261122T140500Z']));
      const [run] = await rig.registry.runsOf('target-000');
      expect(run).toMatchObject({ lastGoodAt: new Date(startAtMs + 290_000).toISOString() });
      expect(run?.['timeline']).toHaveLength(30);
    },
  );

  it('is gone while a test starts: the run keeps its name, and comes on record afterwards', async () => {
    state = 'ready';
    await rig.addTargets(2);
    await rig.minutes(1, collector);
    [state, trouble] = ['running', 'is-gone'];
    await rig.minutes(2, collector);
    trouble = 'none';
    await rig.minutes(1, collector);

    expect(runIds()).toEqual(new Set(['20261122T140600Z']));
    expect(timesStored(rig)).toEqual({ missing: 0, once: 2 * 18, more: 0 });
    expect(await rig.registry.runsOf('target-001')).toMatchObject([{ run: '20261122T140600Z' }]);
    expect((await rig.registry.runsOf('target-001'))[0]?.['timeline']).toHaveLength(18);
  });

  it('is gone while a test ends: the end comes on record afterwards', async () => {
    await rig.addTargets(2);
    await rig.minutes(1, collector);
    [state, trouble] = ['stopped', 'is-gone'];
    await rig.minutes(1, collector);
    trouble = 'none';
    await rig.minutes(1, collector);

    expect(await rig.registry.runsOf('target-000')).toMatchObject([{ run: '20261122T140500Z', outcome: 'finished' }]);
    expect(await rig.registry.target('target-000')).toMatchObject({ status: { state: 'stopped' } });
  });

  it('is gone for longer than targets are remembered: the window fails, so that the schedule’s alarm sees it', async () => {
    await rig.addTargets(1);
    await rig.minutes(1, collector);
    trouble = 'is-gone';
    await rig.clock.advanceTo(startAtMs + 11 * 60_000);
    const scheduledTime = new Date(startAtMs + 11 * 60_000).toISOString();
    await expect(rig.begin({ scheduledTime }, collector)).rejects.toThrow('ENOTFOUND');
  });

  it('is gone: a look does nothing, because another window may be sampling already', async () => {
    state = 'ready';
    await rig.addTargets(1);
    await rig.minutes(1, collector);
    [state, trouble] = ['running', 'is-gone'];
    await rig.clock.advanceTo(startAtMs + 70_000);
    const look = {
      scheduledTime: new Date(startAtMs + 60_000).toISOString(),
      from: new Date(startAtMs + 70_000).toISOString(),
    };
    await expect(rig.begin(look, collector)).rejects.toThrow('ENOTFOUND');
  });
});

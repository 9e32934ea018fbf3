import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noFigures } from '../../lambda/locust/rows.ts';
import { runIdAt } from '../../lambda/runs/run.ts';
import { minute, second, startCollectorRig } from '../support/collector-rig.ts';
import type { CollectorRig } from '../support/collector-rig.ts';

let rig: CollectorRig;
beforeEach(async () => {
  rig = await startCollectorRig();
});
afterEach(() => rig.close());

const at = (seconds: number): string => new Date(minute + seconds * second).toISOString();

/** What the admin API puts on record when a Locust with a web UI reports its test's start by itself. */
async function runBegunByReport(target: string, seconds: number): Promise<void> {
  const startedAtMs = minute + seconds * second;
  const [id, status] = [runIdAt(startedAtMs), { state: 'running', checkedAt: at(seconds), since: at(seconds) }];
  const run = { id, startedAtMs, lastGoodAtMs: startedAtMs, lastState: 'running', total: noFigures };
  await rig.registry.runs.save({ ...run, peakUsers: 1, timeline: [] }, { target, project: 'shop' });
  await rig.registry.targets.writeStatus(target, { ...status, run: id }, undefined);
}

describe('while nothing runs', () => {
  it('a window looks once, asks to be woken for the rest of the minute, and ends without sleeping', async () => {
    const locust = await rig.locust('shop');

    const summary = await rig.begin({ scheduledTime: at(0), shard: 0, shards: 1 });

    expect(summary).toMatchObject({ end: 'idle', targets: 1, looks: 1, samples: 0, pointsDelivered: 0 });
    expect(locust.asked).toBe(1);
    expect(rig.clock.now()).toBe(minute);
    expect(rig.looks.map(({ from }) => from)).toEqual([at(10), at(20), at(30), at(40), at(50)]);
    expect(rig.looks[0]).toMatchObject({ scheduledTime: at(0), shard: 0, shards: 1 });
    expect(await rig.sink.points()).toEqual([]);
  });

  it('tells the state of a target once, not at every look', async () => {
    await rig.locust('shop');

    await rig.window({ scheduledTime: at(0) });
    await rig.window({ scheduledTime: at(0), from: at(0) });

    expect(rig.changes).toMatchObject([{ target: 'shop', state: 'ready', stateBefore: undefined }]);
    expect(await rig.registry.target('shop')).toMatchObject({ status: { state: 'ready', since: at(0) } });
  });

  it('with nothing registered it asks for nothing', async () => {
    expect(await rig.window({ scheduledTime: at(0) })).toMatchObject({ end: 'idle', targets: 0 });
    expect(rig.looks).toEqual([]);
  });

  it('a look finds nothing started and ends without asking for more', async () => {
    await rig.locust('shop');
    await rig.clock.advanceTo(minute + 20.3 * second);

    const summary = await rig.begin({ scheduledTime: at(0), from: at(20) });

    expect(summary).toMatchObject({ end: 'idle', looks: 1 });
    expect(rig.looks).toEqual([]);
  });

  it('a look that finds a test started goes on as a window to the end of the minute', async () => {
    const locust = await rig.locust('shop');
    await rig.window({ scheduledTime: at(0) });
    locust.say({ state: 'running', requests: 10 });
    await rig.clock.advanceTo(minute + 20.1 * second);

    const summary = await rig.window({ scheduledTime: at(0), from: at(20) });

    expect(summary).toMatchObject({ end: 'complete', samples: 4 });
    const totals = await rig.sink.points('locust_total');
    expect(totals.map(({ atMs }) => (atMs - minute) / second)).toEqual([20, 30, 40, 50]);
    expect(totals[0]?.tags['run']).toBe('20261122T140520Z');
  });

  it('a late look that finds a test started samples from the next instant on', async () => {
    const locust = await rig.locust('shop');
    await rig.window({ scheduledTime: at(0) });
    locust.say({ state: 'running', requests: 10 });
    await rig.clock.advanceTo(minute + 24 * second);

    const summary = await rig.window({ scheduledTime: at(0), from: at(20) });

    expect(summary).toMatchObject({ end: 'complete', looks: 1, samples: 3 });
    const totals = await rig.sink.points('locust_total');
    expect(totals.map(({ atMs }) => (atMs - minute) / second)).toEqual([30, 40, 50]);
  });

  it('a look ends at once while another window samples', async () => {
    const locust = await rig.locust('shop', { state: 'running', requests: 10 });
    const window = rig.begin({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 10.5 * second);
    const asked = locust.asked;

    const look = await rig.begin({ scheduledTime: at(0), from: at(10) });

    expect(look).toMatchObject({ end: 'already-sampled', looks: 0, samples: 0 });
    expect(locust.asked).toBe(asked);
    expect(await rig.clock.runUntilDone(window)).toMatchObject({ end: 'complete', samples: 6 });
  });

  it('a test whose start Locust itself reported keeps no look from the others, and is the next window’s', async () => {
    const reported = await rig.locust('reported');
    const shop = await rig.locust('shop');
    await rig.window({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 9 * second);
    await runBegunByReport('reported', 3.25);
    for (const locust of [reported, shop]) locust.say({ state: 'running', requests: 10 });
    const asked = reported.asked;

    const look = await rig.window({ scheduledTime: at(0), from: at(10) });

    expect(look).toMatchObject({ end: 'complete', targets: 1, samples: 5 });
    expect(reported.asked).toBe(asked);
    expect(await rig.window({ scheduledTime: at(60) })).toMatchObject({ end: 'complete', targets: 2, samples: 12 });
  });

  it('a target that did not answer in time is left out of looks, not out of windows', async () => {
    const error = { kind: 'timeout', message: 'no answer' };
    const hanging = await rig.locust('hanging', undefined, { status: { checkedAt: at(0), since: at(0), error } });
    const refusing = await rig.locust('refusing', undefined, {
      status: { checkedAt: at(0), since: at(0), error: { ...error, kind: 'refused' } },
    });
    await rig.clock.advanceTo(minute + 10.1 * second);

    await rig.begin({ scheduledTime: at(0), from: at(10) });
    expect([hanging.asked, refusing.asked]).toEqual([0, 1]);

    await rig.clock.advanceTo(minute + 60 * second);
    await rig.begin({ scheduledTime: at(60) });
    expect([hanging.asked, refusing.asked]).toEqual([1, 2]);
  });

  it('when the last test ends, the window asks for the looks that are left and ends', async () => {
    const locust = await rig.locust('shop', { state: 'running', requests: 10 });
    const window = rig.begin({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 25 * second);
    locust.say({ state: 'stopped', requests: 30 });

    expect(await rig.clock.runUntilDone(window)).toMatchObject({ end: 'idle', samples: 4 });

    expect(rig.clock.now()).toBeLessThan(minute + 32 * second);
    expect(rig.looks.map(({ from }) => from)).toEqual([at(40), at(50)]);
  });

  it('a window that starts between two instants looks at once and does not wait for the next', async () => {
    await rig.locust('shop');
    await rig.clock.advanceTo(minute + 3.2 * second);

    expect(await rig.begin({ scheduledTime: at(0) })).toMatchObject({ end: 'idle', looks: 1 });

    expect(rig.looks.map(({ from }) => from)).toEqual([at(10), at(20), at(30), at(40), at(50), at(60)]);
  });
});

describe('with idleSeconds 60', () => {
  it('nothing is asked for', async () => {
    await rig.close();
    rig = await startCollectorRig({ idleSeconds: 60 });
    await rig.locust('shop');

    expect(await rig.begin({ scheduledTime: at(0) })).toMatchObject({ end: 'idle', looks: 1 });
    expect(rig.looks).toEqual([]);
  });
});

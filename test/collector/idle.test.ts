import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noFigures } from '../../lambda/locust/report/rows.ts';
import { runIdAt } from '../../lambda/runs/run.ts';
import { minute, second, startCollectorRig } from '../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../support/rigs/collector-rig.ts';

let rig: CollectorRig;
beforeEach(async () => {
  rig = await startCollectorRig();
});
afterEach(() => rig.close());

const at = (seconds: number): string => new Date(minute + seconds * second).toISOString();

/** A port that answers each call so late, ms. */
function taking<Port extends object>({ clock }: CollectorRig, ms: number, port: Port): Port {
  return new Proxy(port, {
    get(target, key, receiver) {
      const member: unknown = Reflect.get(target, key, receiver);
      if (typeof member !== 'function') return member;
      return async (...given: unknown[]): Promise<unknown> => {
        await clock.sleepUntil(clock.now() + ms);
        return Reflect.apply(member, target, given) as unknown;
      };
    },
  });
}

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
    expect(rig.idlePolls.map(({ from }) => from)).toEqual([at(10), at(20), at(30), at(40), at(50)]);
    expect(rig.idlePolls[0]).toMatchObject({ scheduledTime: at(0), shard: 0, shards: 1 });
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
    expect(rig.idlePolls).toEqual([]);
  });

  it('a look finds nothing started and ends without asking for more', async () => {
    await rig.locust('shop');
    await rig.clock.advanceTo(minute + 20.3 * second);

    const summary = await rig.begin({ scheduledTime: at(0), from: at(20) });

    expect(summary).toMatchObject({ end: 'idle', looks: 1 });
    expect(rig.idlePolls).toEqual([]);
  });

  it.each([
    ['a window', 0, {}],
    ['a look', 20, { from: at(20) }],
  ])(
    '%s that began just in time polls, though the tables are slow, and counts nothing as missed',
    async (_, seconds, event) => {
      const locust = await rig.locust('shop');
      await rig.clock.advanceTo(minute + seconds * second + 950);
      const targets = taking(rig, 600, rig.ports.targets);

      const summary = await rig.clock.runUntilDone(
        rig.begin({ scheduledTime: at(0), ...event }, { ports: { targets } }),
      );

      expect(summary).toMatchObject({ end: 'idle', looks: 1, missed: 0, missedAtStart: 0 });
      expect(locust.asked).toBe(1);
    },
  );

  it('a test whose start is seen late has time to send its page all the same', async () => {
    await rig.locust('shop', { state: 'running', requests: 10 }, { sampleSeconds: 2 });
    await rig.clock.advanceTo(minute + 20.95 * second);
    const client = rig.ports.openLocust();
    const limits: (number | undefined)[] = [];
    const readPage: typeof client.readPage = (request) => {
      limits.push(request.timeoutMs);
      return client.readPage(request);
    };
    const ports = { targets: taking(rig, 600, rig.ports.targets), openLocust: () => ({ ...client, readPage }) };

    await rig.clock.runUntilDone(rig.begin({ scheduledTime: at(0), from: at(20) }, { ports }));

    expect(limits[0]).toBeGreaterThanOrEqual(500);
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

  it('a test whose start Locust itself reported keeps no look from the others, and is sampled once the targets are read again', async () => {
    const reported = await rig.locust('reported');
    const shop = await rig.locust('shop');
    await rig.window({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 9 * second);
    await runBegunByReport('reported', 3.25);
    for (const locust of [reported, shop]) locust.say({ state: 'running', requests: 10 });
    const asked = reported.asked;

    const look = await rig.window({ scheduledTime: at(0), from: at(10) });

    expect(look).toMatchObject({ end: 'complete', targets: 2, samples: 9 });
    // Once more to find out whether it can be read.
    expect(reported.asked).toBe(asked + 5);
    expect(await rig.window({ scheduledTime: at(60) })).toMatchObject({ end: 'complete', targets: 2, samples: 12 });
  });

  it('of a test whose start Locust itself reported, the next look notices that the web UI cannot be read', async () => {
    await rig.registry.putTarget({ id: 'reported', url: 'http://127.0.0.1:1', owner: 'reporter' });
    await runBegunByReport('reported', 3.25);
    for (const seconds of [10, 20]) {
      await rig.clock.advanceTo(minute + seconds * second);
      const look = await rig.window({ scheduledTime: at(0), from: at(seconds) });
      expect(look).toMatchObject({ end: 'idle', targets: 0 });
    }

    const { status } = (await rig.registry.target('reported')) ?? {};
    const run = runIdAt(minute + 3.25 * second);
    expect(status).toMatchObject({ state: 'running', run, error: { kind: 'refused', at: at(10) } });
    expect(await rig.registry.runsOf('reported')).not.toMatchObject([{ outcome: expect.any(String) as string }]);
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

  it('a target that did not answer in time is polled again once it has been edited', async () => {
    const status = { checkedAt: at(0), since: at(0), error: { kind: 'timeout', message: 'no answer' } };
    const mended = await rig.locust('mended', undefined, { status, updatedAt: at(5) });
    await rig.clock.advanceTo(minute + 10.1 * second);

    await rig.begin({ scheduledTime: at(0), from: at(10) });

    expect(mended.asked).toBe(1);
  });

  it('when the last test ends, the window asks for the looks that are left and ends', async () => {
    const locust = await rig.locust('shop', { state: 'running', requests: 10 });
    const window = rig.begin({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 25 * second);
    locust.say({ state: 'stopped', requests: 30 });

    expect(await rig.clock.runUntilDone(window)).toMatchObject({ end: 'idle', samples: 4 });

    expect(rig.clock.now()).toBeLessThan(minute + 36 * second);
    expect(rig.idlePolls.map(({ from }) => from)).toEqual([at(40), at(50)]);
  });

  it('a window that starts between two instants polls at once and does not wait for the next', async () => {
    await rig.locust('shop');
    await rig.clock.advanceTo(minute + 3.2 * second);

    expect(await rig.begin({ scheduledTime: at(0) })).toMatchObject({ end: 'idle', looks: 1 });

    expect(rig.idlePolls.map(({ from }) => from)).toEqual([at(10), at(20), at(30), at(40), at(50), at(60)]);
  });
});

describe('with idleSeconds 60', () => {
  it('nothing is asked for', async () => {
    await rig.close();
    rig = await startCollectorRig({ idleSeconds: 60 });
    await rig.locust('shop');

    expect(await rig.begin({ scheduledTime: at(0) })).toMatchObject({ end: 'idle', looks: 1 });
    expect(rig.idlePolls).toEqual([]);
  });
});

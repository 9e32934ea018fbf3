import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { minute, second, startCollectorRig } from '../../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../../support/rigs/collector-rig.ts';
import { ofTargets, ownMeasurement } from '../../support/influx/line-sink.ts';
import type { StoredPoint } from '../../support/influx/line-sink.ts';

let rig: CollectorRig;
beforeEach(async () => {
  rig = await startCollectorRig();
});
afterEach(() => rig.close());

const at = (seconds: number): string => new Date(minute + seconds * second).toISOString();
const secondsOf = (points: readonly StoredPoint[]): number[] => points.map(({ atMs }) => (atMs - minute) / second);
const running = { state: 'running', requests: 10 } as const;
const distinct = (points: readonly StoredPoint[]): number =>
  new Set(points.map(({ measurement, tags, atMs }) => JSON.stringify([measurement, tags, atMs]))).size;

describe('windows late, twice, out of order', () => {
  it('a schedule that is always 40 s late leaves no instant out', async () => {
    await rig.locust('shop', running);
    for (const start of [0, 60]) {
      await rig.clock.advanceTo(minute + (start + 40.5) * second);
      expect(await rig.window({ scheduledTime: at(start) })).toMatchObject({ end: 'complete', missed: 0, skipped: 0 });
    }

    const expected = [40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150];
    expect(secondsOf(await rig.sink.points('locust_total'))).toEqual(expected);
  });

  it('one whose minute is over does nothing', async () => {
    const locust = await rig.locust('shop', running);
    await rig.clock.advanceTo(minute + 60 * second);

    expect(await rig.window({ scheduledTime: at(0) })).toMatchObject({ end: 'too-late' });
    expect(await rig.window({ scheduledTime: at(0), from: at(50) })).toMatchObject({ end: 'too-late' });
    expect(locust.asked).toBe(0);
  });

  it('one that is to come in more than a minute does nothing', async () => {
    await rig.locust('shop', running);

    expect(await rig.window({ scheduledTime: at(121) })).toMatchObject({ end: 'too-early' });
  });

  it('the same minute delivered twice at once gives one run, one start and one point per target and instant', async () => {
    const locust = await rig.locust('shop', running);
    const both = Promise.all([rig.begin({ scheduledTime: at(0) }), rig.begin({ scheduledTime: at(0) })]);
    await rig.clock.advanceTo(minute + 35 * second);
    locust.say({ state: 'stopped', requests: 40 });
    await rig.clock.runUntilDone(both);

    expect(distinct(await rig.sink.points(ownMeasurement))).toBe(1);
    const points = ofTargets(await rig.sink.points());
    expect(distinct(points.filter(({ measurement }) => measurement === 'locust_total'))).toBe(5);
    const events = points.filter(({ measurement }) => measurement === 'locust_event');
    expect(distinct(events)).toBe(2);
    expect(new Set(events.map(({ tags }) => tags['event']))).toEqual(new Set(['start', 'stop']));
    expect(new Set(points.map(({ tags }) => tags['run']))).toEqual(new Set(['20261122T140500Z']));
    expect(await rig.registry.runsOf('shop')).toMatchObject([{ outcome: 'finished', endedAt: at(40) }]);
  });

  it('a window that sees a start later follows the run of the one that saw it first', async () => {
    const locust = await rig.locust('shop');
    const other = await rig.locust('other', running);
    const first = rig.begin({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 5 * second);
    const second_ = rig.begin({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 15 * second);
    // Another window has seen the start at an instant that neither of these two looked at.
    await rig.registry.targets.writeStatus(
      'shop',
      { state: 'running', checkedAt: at(12), since: at(12), run: '20261122T140512Z' },
      undefined,
    );
    locust.say(running);
    await rig.clock.runUntilDone(Promise.all([first, second_]));

    const runs = (await rig.sink.points('locust_total')).filter(({ tags }) => tags['target'] === 'shop');
    expect(new Set(runs.map(({ tags }) => tags['run']))).toEqual(new Set(['20261122T140512Z']));
    const starts = (await rig.sink.points('locust_event')).filter(({ tags }) => tags['target'] === 'shop');
    expect(starts).toEqual([]);
    expect(other.asked).toBeGreaterThan(0);
  });

  it('ends before the invocation would be killed', async () => {
    await rig.locust('shop', running);

    const summary = await rig.clock.runUntilDone(rig.begin({ scheduledTime: at(0) }, { remainingMs: 25_000 }));

    expect(summary).toMatchObject({ end: 'complete', samples: 3 });
    expect(rig.clock.now()).toBeLessThan(minute + 25 * second);
  });

  it('asked to stop, it ends cleanly and keeps what it has', async () => {
    await rig.locust('shop', running);
    const stop = new AbortController();
    const window = rig.begin({ scheduledTime: at(0) }, { stop: stop.signal });
    await rig.clock.advanceTo(minute + 25 * second);

    stop.abort();

    expect(await window).toMatchObject({ end: 'stopped', samples: 3 });
    expect(secondsOf(await rig.sink.points('locust_total'))).toEqual([0, 10, 20]);
    expect(await rig.registry.runsOf('shop')).toMatchObject([{ lastGoodAt: at(20) }]);
  });
});

describe('while DynamoDB fails', () => {
  const failing = () => Promise.reject(new Error('throttled'));

  it('samples go on with what the window knows, and the failures are reported', async () => {
    await rig.locust('shop', running);
    const ports = {
      targets: { ...rig.ports.targets, writeStatus: failing },
      runs: {
        ...{ read: failing, save: failing, replace: failing, newest: failing },
        ...{ saveResult: failing, readResult: failing, findBaseline: failing },
      },
    };

    const summary = await rig.clock.runUntilDone(rig.begin({ scheduledTime: at(0) }, { ports }));

    expect(secondsOf(await rig.sink.points('locust_total'))).toEqual([0, 10, 20, 30, 40, 50]);
    expect(summary.platformFailures).toBeGreaterThan(0);
    expect(rig.problems).toContain('writing the status of shop');
  });

  it('an end that cannot be put on record is put there by the next sample that can', async () => {
    const locust = await rig.locust('shop', running);
    await rig.window({ scheduledTime: at(0) });
    locust.say({ state: 'stopped', requests: 50 });
    await rig.clock.advanceTo(minute + 60 * second);
    const save = rig.registry.runs.save.bind(undefined);
    let failures = 2;
    const runs = {
      ...rig.registry.runs,
      save: (...given: Parameters<typeof save>) => {
        failures -= 1;
        return failures >= 0 ? failing() : save(...given);
      },
    };

    await rig.clock.runUntilDone(rig.begin({ scheduledTime: at(60) }, { ports: { runs: rig.clock.busy(runs) } }));

    expect(await rig.registry.runsOf('shop')).toMatchObject([
      { outcome: 'finished', endedAt: at(80), lastGoodAt: at(50) },
    ]);
    expect((await rig.sink.points('locust_event')).map(({ tags }) => tags['event'])).toEqual(['start', 'stop']);
  });

  it('a run whose record cannot be read at first goes on, and is on record as a whole', async () => {
    const locust = await rig.locust('shop', running);
    await rig.window({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 60 * second);

    await rig.clock.runUntilDone(
      rig.begin({ scheduledTime: at(60) }, { ports: { runs: { ...rig.ports.runs, read: failing } } }),
    );

    const [run] = await rig.registry.runsOf('shop');
    expect(run?.['timeline']).toHaveLength(12);
    const totals = await rig.sink.points('locust_total');
    expect(new Set(totals.map(({ tags }) => tags['run'])).size).toBe(1);
    expect(totals).toHaveLength(12);
    expect(locust.asked).toBe(12);
  });
});

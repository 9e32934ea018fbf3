import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectPointsOfRuns } from '../support/influx/points-of-runs.ts';
import { minute, second, startCollectorRig } from '../support/rigs/collector-rig.ts';
import type { StoredPoint } from '../support/influx/line-sink.ts';
import type { CollectorRig } from '../support/rigs/collector-rig.ts';

let rig: CollectorRig;
beforeEach(async () => {
  rig = await startCollectorRig();
});
afterEach(async () => {
  await expectPointsOfRuns(rig);
  await rig.close();
});

const at = (seconds: number): string => new Date(minute + seconds * second).toISOString();

/** Of points at one instant the last one counts. */
const asStored = (points: readonly StoredPoint[]): readonly StoredPoint[] => [
  ...new Map(points.map((point) => [point.atMs, point])).values(),
];

describe('the closing sample of a run', () => {
  it('has what Locust says in the end, at the end’s instant, and no rates that are over', async () => {
    const locust = await rig.locust('shop', { state: 'running', requests: 10, failures: 1 });
    const settled: unknown[] = [];
    const observer = { ...rig.ports.observer, settled: (end: unknown) => void settled.push(end) };
    const window = rig.begin({ scheduledTime: at(0) }, { ports: { observer } });
    await rig.clock.advanceTo(minute + 25 * second);
    locust.say({ state: 'stopping', users: 2, requests: 17, failures: 2 });
    await rig.clock.advanceTo(minute + 45 * second);
    locust.say({ state: 'stopped', users: 0, requests: 90, failures: 3 });
    // The last figures of its workers.
    await rig.clock.advanceTo(minute + 52 * second);
    locust.say({ state: 'stopped', users: 0, requests: 99, failures: 4 });
    const summary = await rig.clock.runUntilDone(window);

    expect(summary).toMatchObject({ missed: 0, pointsLost: 0 });
    const totals = asStored(await rig.sink.points('locust_total'));
    expect(totals.map(({ atMs }) => (atMs - minute) / second)).toEqual([0, 10, 20, 50]);
    expect(totals[3]?.fields).toMatchObject({ state: 'stopped', num_requests: 99, num_failures: 4, user_count: 0 });
    const names = Object.keys(totals[3]?.fields ?? {});
    expect(names.filter((name) => name.startsWith('current_'))).toEqual([]);
    expect(Object.keys(totals[0]?.fields ?? {})).toContain('current_rps');
    const endpoints = asStored(await rig.sink.points('locust_endpoint'));
    expect(endpoints.at(-1)).toMatchObject({ atMs: minute + 50 * second, fields: { num_requests: 99 } });
    expect(endpoints.at(-1)?.fields).not.toHaveProperty('current_rps');
    // Its points, over those of its first figures.
    const runs = await rig.sink.points('locust_run');
    expect(runs.map(({ fields }) => fields['num_requests'])).toEqual([90, 99]);
    const ofEndpoints = await rig.sink.points('locust_run_endpoint');
    expect([...runs, ...ofEndpoints].map(({ atMs }) => atMs)).toEqual([minute, minute, minute, minute]);
    expect(ofEndpoints.at(-1)).toMatchObject({ tags: { name: '/' }, fields: { num_requests: 99 } });
    expect(await rig.registry.runsOf('shop')).toMatchObject([
      { outcome: 'finished', endedAt: at(50), lastGoodAt: at(40), total: { numRequests: 99, numFailures: 4 } },
    ]);
    expect((await rig.sink.points('locust_event')).map(({ tags }) => tags['event'])).toEqual(['start', 'stop']);
    expect(settled).toMatchObject([{ target: 'shop', run: { total: { numRequests: 99, numFailures: 4 } } }]);
  });

  it('stays as it is where another test has begun meanwhile', async () => {
    const locust = await rig.locust('shop', { state: 'running', requests: 10 }, { sampleSeconds: 2 });
    const window = rig.begin({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 9 * second);
    locust.say({ state: 'stopped', requests: 20 });
    await rig.clock.advanceTo(minute + 11 * second);
    locust.say({ state: 'running', requests: 500 });
    await rig.clock.runUntilDone(window);

    const runs = await rig.registry.runsOf('shop');
    expect(runs).toMatchObject([{ run: '20261122T140500Z', total: { numRequests: 20 } }]);
    const last = (await rig.sink.points('locust_total'))
      .filter(({ tags }) => tags['run'] === '20261122T140500Z')
      .at(-1);
    expect(last).toMatchObject({ atMs: minute + 10 * second, fields: { num_requests: 20 } });
  });

  it('keeps no other target waiting while its figures settle', async () => {
    const impatient = await startCollectorRig({ idleSeconds: 2 });
    const shop = await impatient.locust('shop', { state: 'running', requests: 10 });
    const other = await impatient.locust('other');
    const window = impatient.begin(
      { scheduledTime: at(0) },
      { ports: { claims: impatient.clock.busy(impatient.registry.claims) } },
    );
    await impatient.clock.advanceTo(minute + 25 * second);
    shop.say({ state: 'stopped', requests: 20 });
    await impatient.clock.advanceTo(minute + 31 * second);
    other.say({ state: 'running', requests: 1 });
    await impatient.clock.runUntilDone(window);

    expect(await impatient.registry.runsOf('other')).toMatchObject([{ startedAt: at(32) }]);
    await impatient.close();
  });

  it('ends its window as soon as its figures have settled, where nothing else runs', async () => {
    const locust = await rig.locust('shop', { state: 'running', requests: 10 });
    const window = rig.begin({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 5 * second);
    locust.say({ state: 'stopped', requests: 20 });
    const summary = await rig.clock.runUntilDone(window);

    expect(summary.end).toBe('idle');
    expect(rig.clock.now()).toBeLessThanOrEqual(minute + 18 * second);
    expect(rig.idlePolls.map(({ from }) => from)).toEqual([at(20), at(30), at(40), at(50)]);
  });

  it('is there without waiting where the collector is told to stop', async () => {
    const locust = await rig.locust('shop', { state: 'running', requests: 10 });
    const stop = new AbortController();
    const window = rig.begin({ scheduledTime: at(0) }, { stop: stop.signal });
    await rig.clock.advanceTo(minute + 5 * second);
    locust.say({ state: 'stopped', requests: 20 });
    await rig.clock.advanceTo(minute + 11 * second);
    stop.abort();
    await window;

    expect(rig.clock.now()).toBe(minute + 11 * second);
    expect((await rig.sink.points('locust_total')).at(-1)?.fields).toMatchObject({ num_requests: 20 });
  });
});

describe('a Locust that exits with its test', () => {
  it('ends its run after half a minute, at its last sample, and is the start of another when it comes back', async () => {
    const locust = await rig.locust('shop', { state: 'running', requests: 10 });
    const window = rig.begin({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 15 * second);
    await locust.close();
    await rig.clock.runUntilDone(window);

    expect(await rig.registry.runsOf('shop')).toMatchObject([{ outcome: 'ended', endedAt: at(10) }]);
    const events = await rig.sink.points('locust_event');
    expect(events.map(({ tags, fields }) => [tags['event'], fields['text']])).toEqual([
      ['start', 'run 20261122T140500Z started'],
      ['stop', 'run 20261122T140500Z ended: its Locust has exited'],
    ]);
    expect((await rig.registry.target('shop'))?.['status']).not.toHaveProperty('run');
  });

  it('is not told by an address that the collector cannot reach where Locust registered itself, and reports', async () => {
    const locust = await rig.locust('shop', { state: 'running', requests: 10 }, { owner: 'reporter' });
    const window = rig.begin({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 15 * second);
    await locust.close();
    await rig.clock.runUntilDone(window);

    const [run] = await rig.registry.runsOf('shop');
    expect(run).toMatchObject({ run: '20261122T140500Z' });
    expect(run).not.toHaveProperty('outcome');
  });
});

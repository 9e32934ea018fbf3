import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Lines } from '../../lambda/influx/lines.ts';
import { minute, second, startCollectorRig } from '../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../support/rigs/collector-rig.ts';
import { ofTargets, ownMeasurement } from '../support/influx/line-sink.ts';
import type { StoredPoint } from '../support/influx/line-sink.ts';

let rig: CollectorRig;
beforeEach(async () => {
  rig = await startCollectorRig();
});
afterEach(() => rig.close());

const at = (seconds: number): string => new Date(minute + seconds * second).toISOString();
const secondsOf = (points: readonly StoredPoint[]): number[] => points.map(({ atMs }) => (atMs - minute) / second);
const running = { state: 'running', requests: 10, users: 7 } as const;

describe('while a test runs', () => {
  it('samples at instants aligned to the clock and writes after each', async () => {
    await rig.locust('shop', running, { tags: { env: 'test' } });
    const window = rig.begin({ scheduledTime: at(0) });

    await rig.clock.advanceTo(minute + 25 * second);

    expect(secondsOf(await rig.sink.points('locust_total'))).toEqual([0, 10, 20]);
    const summary = await rig.clock.runUntilDone(window);
    expect(summary).toMatchObject({ end: 'complete', samples: 6, missed: 0, skipped: 0, failures: {} });
    expect(await rig.sink.points(ownMeasurement)).toHaveLength(1);
    const all = ofTargets(await rig.sink.points());
    expect(all).toHaveLength(summary.pointsDelivered);
    expect(all.every(({ tags }) => tags['run'] === '20261122T140500Z' && tags['env'] === 'test')).toBe(true);
    expect(all.filter(({ measurement }) => measurement === 'locust_event')).toMatchObject([
      { tags: { event: 'start', project: 'shop', target: 'shop' }, atMs: minute },
    ]);
  });

  it.each([
    [2, 30],
    [5, 12],
    [15, 4],
    [20, 3],
    [30, 2],
    [60, 1],
  ])('every %i s, %i times a minute', async (sampleSeconds, times) => {
    await rig.locust('shop', running, { sampleSeconds });

    await rig.window({ scheduledTime: at(0) });

    const seconds = secondsOf(await rig.sink.points('locust_total'));
    expect(seconds).toEqual(Array.from({ length: times }, (_, index) => index * sampleSeconds));
  });

  it('one request to InfluxDB carries what all targets said at an instant', async () => {
    const deliveries: number[] = [];
    await Promise.all(Array.from({ length: 5 }, (_, index) => rig.locust(`shop-${index}`, running)));
    const ports = {
      openInflux: () => {
        const writer = rig.ports.openInflux();
        return {
          ...writer,
          write: (lines: Lines, timeoutMs: number) => {
            deliveries.push(lines.count);
            return writer.write(lines, timeoutMs);
          },
        };
      },
    };

    await rig.clock.runUntilDone(rig.begin({ scheduledTime: at(0) }, { ports }));

    // The last one tells how the window went.
    expect(deliveries).toEqual([20, 15, 15, 15, 15, 15, 1]);
  });

  it('a second window goes on with the run of the first', async () => {
    const locust = await rig.locust('shop', { state: 'spawning', requests: 1 });
    await rig.window({ scheduledTime: at(0) });
    locust.say({ ...running, requests: 50 });
    await rig.clock.advanceTo(minute + 60 * second);

    await rig.window({ scheduledTime: at(60) });

    const totals = await rig.sink.points('locust_total');
    expect(secondsOf(totals)).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110]);
    expect(new Set(totals.map(({ tags }) => tags['run']))).toEqual(new Set(['20261122T140500Z']));
    const [run] = await rig.registry.runsOf('shop');
    expect(run).toMatchObject({ run: '20261122T140500Z', startedAt: at(0), lastGoodAt: at(110), peakUsers: 7 });
    expect(run?.['timeline']).toHaveLength(12);
  });

  it('only wanted states become points, and the closing sample; attempts and events in every state', async () => {
    const locust = await rig.locust('shop', { state: 'spawning', requests: 1 }, { states: ['running'] });
    const window = rig.begin({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 25 * second);
    locust.say(running);
    await rig.clock.advanceTo(minute + 45 * second);
    locust.say({ state: 'stopped', requests: 12 });
    await rig.clock.runUntilDone(window);

    expect(secondsOf(await rig.sink.points('locust_total'))).toEqual([30, 40, 50]);
    expect(secondsOf(await rig.sink.points('locust_endpoint'))).toEqual([30, 40, 50]);
    expect((await rig.sink.points('locust_scrape')).map(({ fields }) => fields['state'])).toEqual([
      'spawning',
      'spawning',
      'spawning',
      'running',
      'running',
      'stopped',
    ]);
    const events = await rig.sink.points('locust_event');
    expect(events.map(({ tags, atMs }) => [tags['event'], (atMs - minute) / second])).toEqual([
      ['start', 0],
      ['stop', 50],
    ]);
    expect(await rig.registry.runsOf('shop')).toMatchObject([
      { outcome: 'finished', endedAt: at(50), total: { numRequests: 12 } },
    ]);
    const { status } = (await rig.registry.target('shop')) as { status: object };
    expect(status).toMatchObject({ state: 'stopped' });
    expect(status).not.toHaveProperty('run');
    expect(status).not.toHaveProperty('currentRps');
  });

  it('takes the ramp-up in where the target asks for it', async () => {
    await rig.locust('shop', { state: 'spawning', requests: 1 }, { states: ['spawning', 'running'] });

    await rig.window({ scheduledTime: at(0) });

    expect(await rig.sink.points('locust_total')).toHaveLength(6);
  });

  it('a failed attempt is stored with its reason, and the run goes on', async () => {
    const locust = await rig.locust('shop', running);
    const window = rig.begin({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 5 * second);
    locust.say((_request, response) => response.writeHead(503).end('secret page'));
    await rig.clock.advanceTo(minute + 15 * second);
    locust.say(running);
    const summary = await rig.clock.runUntilDone(window);

    expect(summary).toMatchObject({ samples: 6, failures: { 'http-status': 1 } });
    const scrapes = await rig.sink.points('locust_scrape');
    expect(scrapes.map(({ fields }) => fields['up'])).toEqual([true, false, true, true, true, true]);
    expect(scrapes[1]?.fields).toMatchObject({ reason: 'http-status' });
    expect(await rig.registry.runsOf('shop')).toHaveLength(1);
    expect(JSON.stringify([rig.changes, await rig.sink.points()])).not.toContain('secret page');
  });

  it('a run is lost after five minutes without an answer, over several windows', async () => {
    const locust = await rig.locust('shop', running);
    await rig.window({ scheduledTime: at(0) });
    locust.say((_request, response) => response.writeHead(503).end());
    for (let start = 60; start <= 360; start += 60) {
      await rig.clock.advanceTo(minute + start * second);
      await rig.window({ scheduledTime: at(start) });
    }

    expect(await rig.registry.runsOf('shop')).toMatchObject([{ outcome: 'lost', endedAt: at(50) }]);
    expect((await rig.sink.points('locust_event')).at(-1)).toMatchObject({
      tags: { event: 'stop' },
      atMs: minute + 50_000,
    });
    expect(await rig.registry.target('shop')).toMatchObject({ status: { error: { kind: 'http-status' } } });
  });

  it('the counters’ reset at the end of the ramp-up is an event, and stays one run', async () => {
    const locust = await rig.locust('shop', { state: 'spawning', requests: 90 });
    const window = rig.begin({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 5 * second);
    locust.say({ ...running, requests: 3 });
    await rig.clock.runUntilDone(window);

    const events = await rig.sink.points('locust_event');
    expect(events.map(({ tags }) => tags['event'])).toEqual(['start', 'reset']);
    expect(await rig.registry.runsOf('shop')).toHaveLength(1);
  });

  it('a new test that began between two samples ends the old run and starts one', async () => {
    const locust = await rig.locust('shop', { ...running, requests: 900 });
    const window = rig.begin({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 15 * second);
    locust.say({ ...running, requests: 3 });
    await rig.clock.runUntilDone(window);

    expect(await rig.registry.runsOf('shop')).toMatchObject([
      { run: '20261122T140500Z', outcome: 'finished', endedAt: at(10), total: { numRequests: 900 } },
      { run: '20261122T140520Z', startedAt: at(20) },
    ]);
    const runs = (await rig.sink.points('locust_total')).map(({ tags }) => tags['run']);
    expect(runs).toEqual([
      ...Array.from({ length: 2 }, () => '20261122T140500Z'),
      ...Array.from({ length: 4 }, () => '20261122T140520Z'),
    ]);
  });
});

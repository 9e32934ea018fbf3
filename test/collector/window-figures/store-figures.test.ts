import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WindowSummary } from '../../../lambda/collector/window-figures/summary.ts';
import { minute, second, startCollectorRig } from '../../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../../support/rigs/collector-rig.ts';
import { at } from '../../support/time/instants.ts';
import { ownMeasurement } from '../../support/influx/line-sink.ts';
import type { StoredPoint } from '../../support/influx/line-sink.ts';

let rig: CollectorRig;
beforeEach(async () => {
  rig = await startCollectorRig();
});
afterEach(() => rig.close());

const running = { state: 'running', requests: 10 } as const;
const own = (): Promise<StoredPoint[]> => rig.sink.points(ownMeasurement);

/** The fields of a window that looked into no spool. */
const fieldsOf = (summary: WindowSummary): StoredPoint['fields'] => ({
  targets: summary.targets,
  looks: summary.looks,
  samples: summary.samples,
  samples_failed: summary.samplesFailed,
  skipped: summary.skipped,
  missed: summary.missed,
  missed_at_start: summary.missedAtStart,
  platform_failures: summary.platformFailures,
  points_delivered: summary.pointsDelivered,
  points_replayed: summary.pointsReplayed,
  points_waiting: summary.pointsWaiting,
  points_rejected: summary.pointsRejected,
  points_lost: summary.pointsLost,
  denied_deliveries: summary.deniedDeliveries,
  lateness: summary.latenessMs,
  start_lateness: summary.startLatenessMs,
});

describe('how a window went is stored beside what it collected', () => {
  it('as one point at the instant that it was scheduled for, which says what its summary says', async () => {
    const locust = await rig.locust('shop', running, { tags: { shard: 'of the shop', samples: 'x' } });
    await rig.locust('quiet');
    await rig.clock.advanceTo(minute + 0.4 * second);
    const window = rig.begin({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 5 * second);
    locust.say((_request, response) => response.writeHead(503).end());
    await rig.clock.advanceTo(minute + 15 * second);
    rig.clock.jumpTo(minute + 32 * second);
    locust.say(running);
    const summary = await rig.clock.runUntilDone(window);

    expect(summary).toMatchObject({ targets: 2, looks: 4, samples: 5, samplesFailed: 1, missed: 3, latenessMs: 2000 });
    expect(summary.pointsDelivered).toBe(4 * 3 + 1 + 1);
    expect(await own()).toEqual([
      { measurement: ownMeasurement, tags: { shard: '0' }, atMs: minute, fields: fieldsOf(summary) },
    ]);
  });

  it('exactly once a minute, at the full one however late the window began', async () => {
    await rig.locust('shop', running);
    for (const start of [0, 60, 120]) {
      await rig.clock.advanceTo(minute + (start + 20.3) * second);
      await rig.window({ scheduledTime: at(start) });
    }

    expect((await own()).map(({ atMs }) => (atMs - minute) / second)).toEqual([0, 60, 120]);
    expect((await own()).map(({ fields }) => fields['samples'])).toEqual([6, 6, 6]);
  });

  it('once for each share of the targets', async () => {
    for (let index = 0; index < 8; index += 1) await rig.locust(`shop-${index}`, running);
    const share = (shard: number) => rig.begin({ scheduledTime: at(0), shard, shards: 2 });
    const summaries = await rig.clock.runUntilDone(Promise.all([share(0), share(1)]));

    const points = (await own()).toSorted((a, b) => String(a.tags['shard']).localeCompare(String(b.tags['shard'])));
    expect(points).toMatchObject(
      summaries.map((summary) => ({
        tags: { shard: String(summary.shard) },
        atMs: minute,
        fields: fieldsOf(summary),
      })),
    );
    expect(points.map(({ fields }) => Number(fields['samples'])).reduce((sum, each) => sum + each)).toBe(8 * 6);
  });

  it('not while nothing runs, by windows or by looks: InfluxDB is not even asked', async () => {
    await rig.locust('shop');
    const broken = await rig.locust('broken');
    broken.say((_request, response) => response.writeHead(503).end());
    let opened = 0;
    const openInflux = () => ({
      ...rig.ports.openInflux(),
      write: () => Promise.reject(new Error(`${(opened += 1)}`)),
    });
    for (const start of [0, 60, 120, 180, 240, 300]) {
      await rig.clock.advanceTo(minute + start * second);
      await rig.clock.runUntilDone(rig.begin({ scheduledTime: at(start) }, { ports: { openInflux } }));
      await rig.clock.advanceTo(minute + (start + 10) * second);
      const look = { scheduledTime: at(start), from: at(start + 10) };
      await rig.clock.runUntilDone(rig.begin(look, { ports: { openInflux } }));
    }

    expect(opened).toBe(0);
    expect(await rig.sink.points()).toEqual([]);
  });

  it('by the look that found a test running, and by none of those that find it sampled already', async () => {
    const locust = await rig.locust('shop');
    await rig.window({ scheduledTime: at(0) });
    locust.say(running);
    await rig.clock.advanceTo(minute + 20 * second);
    const sampling = rig.begin({ scheduledTime: at(0), from: at(20) });
    await rig.clock.advanceTo(minute + 30 * second);
    expect(await rig.begin({ scheduledTime: at(0), from: at(30) })).toMatchObject({ end: 'already-sampled' });
    await rig.clock.runUntilDone(sampling);

    expect(await own()).toMatchObject([{ atMs: minute + 20 * second, fields: { samples: 4 } }]);
  });

  it('when its test ends, and when it is asked to stop', async () => {
    const locust = await rig.locust('shop', running);
    const window = rig.begin({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 15 * second);
    locust.say({ state: 'stopped', requests: 20 });
    expect(await rig.clock.runUntilDone(window)).toMatchObject({ end: 'idle', samples: 3 });
    locust.say(running);
    await rig.clock.advanceTo(minute + 60 * second);
    const stop = new AbortController();
    const stopped = rig.begin({ scheduledTime: at(60) }, { stop: stop.signal });
    await rig.clock.advanceTo(minute + 75 * second);
    stop.abort();
    expect(await rig.clock.runUntilDone(stopped)).toMatchObject({ end: 'stopped', samples: 2 });

    expect((await own()).map(({ fields }) => fields['samples'])).toEqual([3, 2]);
  });
});

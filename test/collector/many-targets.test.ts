import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withResolvers } from '../../lambda/runtime/with-resolvers.ts';
import { minute, second, startCollectorRig } from '../support/rigs/collector-rig.ts';
import type { LocustClient } from '../../lambda/locust/fetch/fetch-report.ts';
import type { CollectorRig } from '../support/rigs/collector-rig.ts';
import type { StoredPoint } from '../support/influx/line-sink.ts';

let rig: CollectorRig;
beforeEach(async () => {
  rig = await startCollectorRig();
});
afterEach(() => rig.close());

const at = (seconds: number): string => new Date(minute + seconds * second).toISOString();
const secondsOf = (points: readonly StoredPoint[]): number[] => points.map(({ atMs }) => (atMs - minute) / second);
const running = { state: 'running', requests: 10, users: 7 } as const;

describe('many targets', () => {
  it('idle ones are looked at beside running ones, and a start is seen within idleSeconds', async () => {
    await rig.locust('first', running, { sampleSeconds: 5 });
    const second_ = await rig.locust('second');
    const window = rig.begin({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 12 * second);
    second_.say(running);
    await rig.clock.runUntilDone(window);

    const starts = await rig.sink.points('locust_event');
    expect(starts.map(({ tags, atMs }) => [tags['target'], (atMs - minute) / second])).toEqual([
      ['first', 0],
      ['second', 20],
    ]);
    expect(second_.asked).toBe(6);
  });

  it('one that is still answering at its next instant is skipped and counted, and delays nobody', async () => {
    await rig.locust('good', running, { sampleSeconds: 2 });
    const slow = await rig.locust('slow', running, { sampleSeconds: 2 });
    const asked = withResolvers<() => void>();
    const readings: Promise<unknown>[] = [];
    let holds = false;
    // Time goes on although the slow one is being read, and stands still while anybody else is.
    const openLocust = (): LocustClient => {
      const counted = rig.ports.openLocust();
      const uncounted = rig.openUncountedLocust();
      return {
        fetchReport(request) {
          if (!holds || request.url !== slow.url) return counted.fetchReport(request);
          const reading = uncounted.fetchReport(request);
          readings.push(reading);
          return reading;
        },
        readPage: (request) => counted.readPage(request),
        close: () => {
          counted.close();
          uncounted.close();
        },
      };
    };
    const window = rig.begin({ scheduledTime: at(0) }, { ports: { openLocust } });
    await rig.clock.advanceTo(minute + 1 * second);
    holds = true;
    slow.say((_request, response) => {
      asked.resolve(() => response.writeHead(503).end());
    });
    await rig.clock.advanceTo(minute + 59 * second);
    const answer = await asked.promise;
    answer();
    await Promise.all(readings);
    const summary = await rig.clock.runUntilDone(window);

    expect(summary).toMatchObject({ skipped: 28, samples: 32, missed: 0, failures: { 'http-status': 1 } });
    const good = (await rig.sink.points('locust_total')).filter(({ tags }) => tags['target'] === 'good');
    expect(secondsOf(good)).toEqual(Array.from({ length: 30 }, (_, index) => index * 2));
  });

  it('an invalid item is reported once, and again once it was mended or has another problem', async () => {
    await rig.registry.putTarget({ id: 'odd', url: 7 });
    const windowAt = async (seconds: number): Promise<unknown> => {
      await rig.clock.advanceTo(minute + seconds * 1000);
      const scheduledTime = new Date(minute + seconds * 1000).toISOString();
      return rig.window({ scheduledTime }, rig.collector);
    };
    expect(await windowAt(0)).toMatchObject({ unfitTargets: 1 });
    expect(await windowAt(60)).toMatchObject({ unfitTargets: 1 });
    expect(rig.problems).toHaveLength(1);

    await rig.registry.putTarget({ id: 'odd', url: 'http://127.0.0.1:9', enabled: false });
    await windowAt(120);
    await rig.registry.putTarget({ id: 'odd', url: 7 });
    await windowAt(180);
    expect(rig.problems.filter((problem) => problem.startsWith('odd'))).toHaveLength(2);
  });

  it('what does not fit the schema is reported and left out, and the others go on', async () => {
    await rig.locust('good', running);
    await rig.registry.putTarget({ id: 'odd', url: 'ftp://somewhere', sampleSeconds: 7 });

    const summary = await rig.window({ scheduledTime: at(0) });

    expect(summary).toMatchObject({ targets: 1, unfitTargets: 1, samples: 6 });
    expect(rig.problems.join()).toMatch(/odd: .*url: begin with http:\/\/ or https:\/\/.*sampleSeconds/);
  });

  it('one that is switched off or has expired is not read; its run ends', async () => {
    const paused = await rig.locust('paused', running);
    const expired = await rig.locust('expired', running, { expiresAt: at(-1) });
    await rig.window({ scheduledTime: at(0) });
    expect(expired.asked).toBe(0);
    const item = await rig.registry.target('paused');
    await rig.registry.putTarget({ ...item, enabled: false });
    await rig.clock.advanceTo(minute + 60 * second);
    const asked = paused.asked;

    const summary = await rig.window({ scheduledTime: at(60) });

    expect(summary).toMatchObject({ end: 'idle', targets: 0 });
    expect(paused.asked).toBe(asked);
    expect(await rig.registry.runsOf('paused')).toMatchObject([{ outcome: 'lost', endedAt: at(50) }]);
    expect((await rig.sink.points('locust_event')).map(({ tags }) => tags['event'])).toEqual(['start', 'stop']);
  });

  it('one that is removed while its test runs stays removed', async () => {
    const locust = await rig.locust('shop', running);
    await rig.locust('other', running);
    const window = rig.begin({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 15 * second);
    await rig.registry.deleteTarget('shop');
    locust.say({ state: 'stopped', requests: 20 });
    await rig.clock.runUntilDone(window);

    expect(await rig.registry.target('shop')).toBeUndefined();
    expect(locust.asked).toBe(2);
  });

  it('shards share the targets without overlap or gap', async () => {
    const ids = Array.from({ length: 30 }, (_, index) => `target-${index}`);
    await Promise.all(ids.map((id) => rig.locust(id)));

    const summaries = [];
    for (const shard of [0, 1, 2]) summaries.push(await rig.begin({ scheduledTime: at(0), shard, shards: 3 }));

    const seen = rig.changes.map(({ target }) => target).sort();
    expect(seen).toEqual(ids.toSorted());
    expect(summaries.reduce((sum, { targets }) => sum + targets, 0)).toBe(30);
  });
});

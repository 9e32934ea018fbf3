import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createInfluxWriter } from '../../../lambda/influx/delivery/influx-writer.ts';
import { minute, second, startCollectorRig } from '../../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../../support/rigs/collector-rig.ts';
import { startFaultyInflux } from '../../support/influx/faulty-influx.ts';
import { at, secondsOf } from '../../support/time/instants.ts';
import { bodyOf } from '../../support/locust/scripted-locust.ts';

let rig: CollectorRig;
beforeEach(async () => {
  rig = await startCollectorRig();
});
afterEach(() => rig.close());

const running = { state: 'running', requests: 10 } as const;

describe('the summary of a window', () => {
  it('counts every line as what became of it', async () => {
    const influx = await startFaultyInflux();
    await rig.locust('shop', running);
    const openInflux = () => rig.clock.busy(createInfluxWriter({ ...influx.settings, clock: rig.clock }));
    const window = rig.begin({ scheduledTime: at(0) }, { ports: { openInflux, jitter: () => 0.5 } });
    await influx.behave({ status: 400 });
    await rig.clock.advanceTo(minute + 5 * second);
    await influx.behave({ status: 503 });
    await rig.clock.advanceTo(minute + 25 * second);
    await influx.behave('works');
    await rig.clock.advanceTo(minute + 35 * second);
    await influx.behave({ status: 503 });
    const summary = await rig.clock.runUntilDone(window);
    await influx.close();

    // Each instant makes a total, an endpoint and an attempt, and the first one a start.
    expect(summary).toMatchObject({
      samples: 6,
      pointsRejected: 4,
      pointsDelivered: 9,
      pointsLost: 6,
      pointsWaiting: 0,
      deniedDeliveries: 0,
      platformFailures: 0,
    });
    expect(influx.points.size).toBe(9);
    expect(rig.problems.filter((problem) => problem.startsWith('rejected 400'))).toHaveLength(1);
    expect(rig.problems.some((problem) => problem.startsWith('retryable 503'))).toBe(true);
  });

  it('counts rows that are no rows, of every answer', async () => {
    const locust = await rig.locust('shop');
    const odd = bodyOf(running).replace('"stats":[', '"stats":[5,"row",');
    locust.say((_request, response) => response.end(odd));

    expect(await rig.window({ scheduledTime: at(0) })).toMatchObject({ samples: 6, samplesFailed: 0, badRows: 12 });
  });

  it('tells how long after its instant the latest fetch began', async () => {
    await rig.locust('shop', running);
    await rig.clock.advanceTo(minute + 0.4 * second);

    expect(await rig.window({ scheduledTime: at(0) })).toMatchObject({ samples: 6, latenessMs: 400 });
  });

  it('tells of no lateness where there was none', async () => {
    await rig.locust('shop', running);

    expect(await rig.window({ scheduledTime: at(0) })).toMatchObject({ samples: 6, latenessMs: 0 });
  });

  it('counts the instants that passed while the clock jumped, of each target by its own interval', async () => {
    await rig.locust('slow', running);
    await rig.locust('fast', running, { sampleSeconds: 5 });
    const window = rig.begin({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 21 * second);
    rig.clock.jumpTo(minute + 42 * second);

    // Of one target 30 passes, of the other 25, 30 and 35; 40 is past by less than half of either interval.
    expect(await rig.clock.runUntilDone(window)).toMatchObject({ missed: 1 + 3, skipped: 0, samples: 5 + 9 });
    const fast = (await rig.sink.points('locust_total')).filter(({ tags }) => tags['target'] === 'fast');
    expect(secondsOf(fast)).toEqual([0, 5, 10, 15, 20, 40, 45, 50, 55]);
  });

  it('tells of items that are no targets in windows, not in looks', async () => {
    await rig.registry.putTarget({ id: 'odd', url: 'ftp://somewhere' });
    await rig.locust('shop');
    await rig.window({ scheduledTime: at(0) });
    expect(rig.problems).toHaveLength(1);
    await rig.clock.advanceTo(minute + 10 * second);

    expect(await rig.window({ scheduledTime: at(0), from: at(10) })).toMatchObject({ looks: 1, targets: 1 });
    expect(rig.problems).toHaveLength(1);
  });
});

describe('the changes of a target', () => {
  it('a failure is reported when it begins and when it is over, not at each attempt', async () => {
    const locust = await rig.locust('shop', running);
    const window = rig.begin({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 5 * second);
    locust.say((_request, response) => response.writeHead(503).end());
    await rig.clock.advanceTo(minute + 25 * second);
    locust.say((_request, response) => response.writeHead(401).end());
    await rig.clock.advanceTo(minute + 35 * second);
    locust.say(running);
    await rig.clock.runUntilDone(window);

    const reported = rig.changes.map(({ atMs, failure }) => [(atMs - minute) / second, failure?.kind]);
    expect(reported).toEqual([
      [0, undefined],
      [10, 'http-status'],
      [30, 'unauthorized'],
      [40, undefined],
    ]);
  });
});

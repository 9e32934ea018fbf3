import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CollectorPorts } from '../../lambda/collector/window-context.ts';
import { noFigures } from '../../lambda/locust/report/rows.ts';
import { minute, second, startCollectorRig } from '../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../support/rigs/collector-rig.ts';
import { bodyOf } from '../support/locust/scripted-locust.ts';
import { at, secondsOf, storedEvents } from '../support/time/instants.ts';

let rig: CollectorRig;
beforeEach(async () => {
  rig = await startCollectorRig();
});
afterEach(() => rig.close());

const running = { state: 'running', requests: 10, users: 7 } as const;
const firstRun = '20261122T140500Z';
const failing = (): Promise<never> => Promise.reject(new Error('throttled'));
const events = async () => storedEvents(await rig.sink.points());

/** A window of the schedule at so many seconds. */
async function windowAt(seconds: number, ports: Partial<CollectorPorts> = {}, more: object = {}) {
  await rig.clock.advanceTo(minute + seconds * second);
  const scheduledTime = at(Math.floor(seconds / 60) * 60);
  return rig.clock.runUntilDone(rig.begin({ scheduledTime, ...more }, { ports }));
}

/** The ports, but of the run's record nothing can be written. */
const withoutSaves = (): Partial<CollectorPorts> => ({ runs: { ...rig.ports.runs, save: failing } });

describe('a run that has ended on record, while the status still names it', () => {
  /** The last window put the end on record, and could not write the status. */
  async function endWithoutStatus() {
    const locust = await rig.locust('shop', running);
    await windowAt(0);
    locust.say({ state: 'stopped', requests: 20 });
    await windowAt(60, { targets: { ...rig.ports.targets, writeStatus: failing } });
    expect(await rig.registry.target('shop')).toMatchObject({ status: { run: firstRun } });
    return locust;
  }

  it('is ended once: later windows leave its end as it is, and tell no other stop', async () => {
    await endWithoutStatus();

    expect(await windowAt(120)).toMatchObject({ end: 'idle', samples: 0, looks: 1 });
    await windowAt(180);

    expect(await rig.registry.runsOf('shop')).toMatchObject([{ endedAt: at(60), outcome: 'finished' }]);
    expect(await events()).toEqual([
      ['start', firstRun, 0],
      ['stop', firstRun, 60],
    ]);
    expect(await rig.registry.target('shop')).not.toHaveProperty('status.run');
  });

  it('does not hide a new test: a look sees it, and gives it a name of its own', async () => {
    const locust = await endWithoutStatus();
    locust.say({ ...running, requests: 80 });

    expect(await windowAt(70, {}, { from: at(70) })).toMatchObject({ end: 'complete', samples: 5 });

    expect(await rig.registry.runsOf('shop')).toMatchObject([
      { run: firstRun, endedAt: at(60) },
      { run: '20261122T140610Z', startedAt: at(70), lastGoodAt: at(110) },
    ]);
    expect(await events()).toEqual([
      ['start', firstRun, 0],
      ['stop', firstRun, 60],
      ['start', '20261122T140610Z', 70],
    ]);
  });
});

describe('a run that nobody watched for five minutes', () => {
  it('is lost at its last good sample, and a test that runs then is another', async () => {
    await rig.locust('shop', { ...running, requests: 900 });
    await windowAt(0);

    await windowAt(420);

    expect(await rig.registry.runsOf('shop')).toMatchObject([
      { run: firstRun, outcome: 'lost', endedAt: at(50) },
      { run: '20261122T141200Z', startedAt: at(420) },
    ]);
    expect(await events()).toEqual([
      ['start', firstRun, 0],
      ['stop', firstRun, 50],
      ['start', '20261122T141200Z', 420],
    ]);
  });
});

describe('a run whose record was never written', () => {
  it('is put on record by the next window that can', async () => {
    await rig.locust('shop', running);
    await windowAt(0, withoutSaves());
    expect(await rig.registry.runsOf('shop')).toEqual([]);

    await windowAt(60);

    const runs = await rig.registry.runsOf('shop');
    expect(runs).toMatchObject([{ run: firstRun, startedAt: at(0), lastGoodAt: at(110), peakUsers: 7 }]);
    expect(runs[0]?.['timeline']).toHaveLength(6);
  });

  it('is lost after five minutes without an answer, like any other', async () => {
    const locust = await rig.locust('shop', running);
    await windowAt(0, withoutSaves());
    locust.say((_request, response) => response.writeHead(503).end());
    for (let start = 60; start <= 360; start += 60) await windowAt(start, start < 300 ? withoutSaves() : {});

    expect(await rig.registry.runsOf('shop')).toMatchObject([{ run: firstRun, outcome: 'lost' }]);
    expect((await events()).map(([event, run]) => [event, run])).toEqual([
      ['start', firstRun],
      ['stop', firstRun],
    ]);
    expect(await windowAt(420)).toMatchObject({ end: 'idle', samples: 0 });
  });
});

describe('what two writers know of one run', () => {
  it('a start that the SDK writes twice, after its first answer was lost, is reported, and its run goes on', async () => {
    await rig.locust('shop', running);
    const { targets } = rig.ports;
    const twice: CollectorPorts['targets']['writeStatus'] = async (...given) => {
      await targets.writeStatus(...given);
      return targets.writeStatus(...given);
    };

    expect(await windowAt(0, { targets: { ...targets, writeStatus: twice } })).toMatchObject({ samples: 6 });

    expect(await events()).toEqual([['start', firstRun, 0]]);
    expect(rig.changes.map(({ runStarted }) => runStarted?.id)).toEqual([firstRun]);
    expect(secondsOf(await rig.sink.points('locust_total'))).toEqual([0, 10, 20, 30, 40, 50]);
    expect(await rig.registry.runsOf('shop')).toMatchObject([{ run: firstRun, lastGoodAt: at(50) }]);
  });

  it.each([
    ['its record is there already', true],
    ['its record comes later', false],
  ])('a start that somebody else saw within the same second is told once: %s', async (_, isRecorded) => {
    await rig.locust('shop', running);
    const { targets, runs } = rig.ports;
    const theirs = { id: firstRun, startedAtMs: minute + 250, lastGoodAtMs: minute + 250 };
    const known = { lastState: 'spawning', total: noFigures, peakUsers: 3, timeline: [] };
    let isFirst = true;
    const second: CollectorPorts['targets']['writeStatus'] = async (...given) => {
      if (!isFirst) return targets.writeStatus(...given);
      isFirst = false;
      const status = { state: 'spawning', checkedAt: at(0), since: at(0), run: firstRun };
      await targets.writeStatus('shop', status, undefined);
      if (isRecorded) await runs.save({ ...theirs, ...known }, { target: 'shop', project: 'shop' });
      return targets.writeStatus(...given);
    };

    expect(await windowAt(0, { targets: { ...targets, writeStatus: second } })).toMatchObject({ samples: 6 });
    if (!isRecorded) await runs.save({ ...theirs, ...known }, { target: 'shop', project: 'shop' });

    // Where their record is the first, they tell the start.
    expect(await events()).toEqual(isRecorded ? [] : [['start', firstRun, 0]]);
    const [run, ...others] = await rig.registry.runsOf('shop');
    expect(others).toEqual([]);
    expect(run).toMatchObject({
      run: firstRun,
      startedAt: isRecorded ? '2026-11-22T14:05:00.250Z' : at(0),
      lastGoodAt: at(50),
    });
    expect(secondsOf(await rig.sink.points('locust_total'))).toEqual([0, 10, 20, 30, 40, 50]);
  });

  it('a window that follows another’s run goes on from its record, timeline and peak included', async () => {
    const locust = await rig.locust('shop');
    await rig.locust('other', running);
    const window = rig.begin({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 15 * second);
    // Another window has seen the start at an instant that this one did not look at.
    const run = '20261122T140512Z';
    const times = { id: run, startedAtMs: minute + 12 * second, lastGoodAtMs: minute + 14 * second };
    const sample = [0, 99, 1, 0, 10, 20] as const;
    const known = { lastState: 'running', total: noFigures, peakUsers: 99, timeline: [sample] };
    await rig.registry.runs.save({ ...times, ...known }, { target: 'shop', project: 'shop' });
    const status = { state: 'running', checkedAt: at(14), since: at(12), run };
    await rig.registry.targets.writeStatus('shop', status, undefined);
    locust.say((_request, response, index) => response.end(bodyOf({ ...running, requests: 10 + index })));
    await rig.clock.runUntilDone(window);

    const runs = await rig.registry.runsOf('shop');
    expect(runs).toMatchObject([{ run, startedAt: at(12), lastGoodAt: at(50), peakUsers: 99 }]);
    expect(runs[0]?.['timeline']).toEqual([sample, ...[18, 28, 38].map((each) => [each, 7, 4.2, 0, 9, 31])]);
  });

  it('a run is on record with its first sample, not only when its window ends', async () => {
    await rig.locust('shop', running);
    const window = rig.begin({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 1 * second);

    expect(await rig.registry.runsOf('shop')).toMatchObject([{ run: firstRun, startedAt: at(0) }]);
    await rig.clock.runUntilDone(window);
  });

  it('an end keeps the timeline, though the record could not be read when the window began', async () => {
    const locust = await rig.locust('shop', running);
    await windowAt(0);
    locust.say({ state: 'stopped', requests: 30 });
    let isFirst = true;
    const read: CollectorPorts['runs']['read'] = (keys) => {
      const isFailing = isFirst;
      isFirst = false;
      return isFailing ? failing() : rig.ports.runs.read(keys);
    };

    await windowAt(60, { runs: { ...rig.ports.runs, read } });

    const [run] = await rig.registry.runsOf('shop');
    expect(run).toMatchObject({ startedAt: at(0), endedAt: at(60), outcome: 'finished' });
    expect(run?.['timeline']).toHaveLength(6);
  });
});

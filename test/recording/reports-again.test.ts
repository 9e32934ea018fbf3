import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventsOf, firstRun as run, instant, running, startReportRig } from '../support/rigs/report-rig.ts';
import type { ReportRig } from '../support/rigs/report-rig.ts';

let rig: ReportRig;
beforeAll(async () => {
  rig = await startReportRig('in process');
});
beforeEach(async () => {
  await rig.reset();
  await rig.register('ci-shop');
});
afterAll(() => rig.close());

describe('a report that comes again', () => {
  it('is stored once, and changes nothing of run and target', async () => {
    await rig.now(0, running(1));
    await rig.now(10, running(20));
    const points = new Map(rig.influx.points);
    const before = [await rig.runs('ci-shop'), (await rig.admin.registry.target('ci-shop'))?.['status']];

    const again = [await rig.report('ci-shop', 0, running(1)), await rig.report('ci-shop', 10, running(20))];

    expect(again).toMatchObject([
      { status: 202, json: { run, points: 4 } },
      { status: 202, json: { run, points: 3 } },
    ]);
    expect([...rig.influx.points.keys()].sort()).toEqual([...points.keys()].sort());
    expect([await rig.runs('ci-shop'), (await rig.admin.registry.target('ci-shop'))?.['status']]).toEqual(before);
  });

  it('at a run’s end tells the same end', async () => {
    await rig.now(0, running(1));
    await rig.now(10, { state: 'stopped', requests: 20 });
    const points = new Map(rig.influx.points);

    const again = await rig.report('ci-shop', 10, { state: 'stopped', requests: 20 });

    expect(again).toMatchObject({ status: 202, json: { run, state: 'stopped', points: 6 } });
    expect([...rig.influx.points.keys()].sort()).toEqual([...points.keys()].sort());
    expect(await rig.runs('ci-shop')).toMatchObject([{ run, outcome: 'finished', endedAt: instant(10) }]);
  });

  it('at once with the first is one run, one start, and one point for each instant', async () => {
    const answers = await Promise.all([0, 0, 0, 0].map((seconds) => rig.now(seconds, running(1))));

    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    expect(rig.stored('locust_total')).toHaveLength(1);
    expect(eventsOf(rig)).toEqual([['start', `text="run ${run} started"`, 0]]);
    expect(await rig.runs('ci-shop')).toMatchObject([{ run, timeline: [[0, 5, 4.2, 0, 9, 31]] }]);
  });

  it('is one of many that come at once, and the run is that of the newest', async () => {
    await rig.now(0, running(1));
    rig.setSeconds(50);

    const answers = await Promise.all(
      [30, 10, 50, 20, 40].map((seconds) => rig.report('ci-shop', seconds, running(seconds))),
    );

    expect(answers.map(({ status, json }) => [status, json['run']])).toEqual(Array(5).fill([202, run]));
    expect(rig.stored('locust_total')).toHaveLength(6);
    expect(await rig.runs('ci-shop')).toMatchObject([{ run, lastGoodAt: instant(50), total: { numRequests: 50 } }]);
    expect((await rig.admin.registry.target('ci-shop'))?.['status']).toMatchObject({ run, state: 'running' });
  });
});

describe('a report that comes late', () => {
  it('is written under the run that it belongs to, and run and target stay as they are', async () => {
    await rig.now(0, running(1));
    await rig.now(20, { state: 'stopped', requests: 30 });
    await rig.now(60, running(5));

    const late = await rig.report('ci-shop', 10, running(20));

    expect(late).toMatchObject({ status: 202, json: { run, points: 3 } });
    expect(await rig.runs('ci-shop')).toMatchObject([
      { run, total: { numRequests: 30 }, endedAt: instant(20) },
      { run: '20261122T140600Z', lastGoodAt: instant(60) },
    ]);
    expect((await rig.admin.registry.target('ci-shop'))?.['status']).toMatchObject({ run: '20261122T140600Z' });
  });

  it('and belongs to no run is answered, and writes nothing', async () => {
    await rig.now(60, running(5));

    expect(await rig.report('ci-shop', 10, running(1))).toMatchObject({
      status: 202,
      json: { run: null, points: 0, delivery: 'stored' },
    });
    expect(rig.stored('locust_total')).toHaveLength(1);
  });

  it('and lies between two runs belongs to neither', async () => {
    await rig.now(0, running(9));
    await rig.now(20, { state: 'stopped', requests: 30 });
    await rig.now(60, running(1));

    const between = [
      await rig.report('ci-shop', 40, running(2)),
      await rig.report('ci-shop', 40, { state: 'stopped', requests: 40 }),
    ];

    expect(between).toMatchObject([{ json: { run: null } }, { json: { run: null } }]);
    expect(await rig.runs('ci-shop')).toMatchObject([
      { total: { numRequests: 30 }, endedAt: instant(20) },
      { total: { numRequests: 1 } },
    ]);
  });

  it('after its run was given up for lost lets the run go on, and says so where the stop was', async () => {
    await rig.now(0, running(1));
    await rig.now(10, running(20));
    rig.setSeconds(320);
    await rig.window();
    expect(eventsOf(rig)).toContainEqual(['stop', `text="run ${run} lost"`, 10]);
    expect((await rig.admin.registry.target('ci-shop'))?.['status']).not.toHaveProperty('run');

    const late = [await rig.report('ci-shop', 20, running(40)), await rig.report('ci-shop', 300, running(600))];
    await rig.window();

    expect(late).toMatchObject([
      { status: 202, json: { run } },
      { status: 202, json: { run } },
    ]);
    expect(eventsOf(rig)).toEqual([
      ['start', `text="run ${run} started"`, 0],
      ['stop', `text="run ${run} went on: its reports came late"`, 10],
    ]);
    const [record, ...others] = await rig.runs('ci-shop');
    expect(record).toMatchObject({ run, lastGoodAt: instant(300), total: { numRequests: 600 } });
    expect(record).not.toHaveProperty('endedAt');
    expect(others).toEqual([]);
    expect((await rig.admin.registry.target('ci-shop'))?.['status']).toMatchObject({ run });
  });

  it('five minutes after its run’s last sample begins another run', async () => {
    await rig.now(0, running(1));
    await rig.now(300, running(600));

    expect(await rig.runs('ci-shop')).toMatchObject([
      { run, outcome: 'lost', endedAt: instant(0) },
      { run: '20261122T141000Z' },
    ]);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Lines } from '../../lambda/influx/lines.ts';
import { endSilentRun } from '../../lambda/recording/ends/end-run.ts';
import { followedTarget } from '../../lambda/recording/followed-target.ts';
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

describe('windows and targets that report by themselves', () => {
  it('ask nothing of them, and wait for none', async () => {
    await rig.now(0, running(1));
    rig.setSeconds(60);

    expect(await rig.window()).toMatchObject({ end: 'idle', targets: 0, looks: 0, platformFailures: 0 });
    expect(rig.idlePolls).toEqual([]);
  });

  it('end a run as lost after five minutes of silence, at its last sample', async () => {
    await rig.now(0, running(1));
    await rig.now(10, running(20));
    rig.setSeconds(309);
    await rig.window();
    expect((await rig.runs('ci-shop'))[0]).not.toHaveProperty('endedAt');
    rig.setSeconds(310);

    await rig.window();
    await rig.window();

    expect(await rig.runs('ci-shop')).toMatchObject([{ run, outcome: 'lost', endedAt: instant(10) }]);
    expect(eventsOf(rig)).toEqual([
      ['start', `text="run ${run} started"`, 0],
      ['stop', `text="run ${run} lost"`, 10],
    ]);
    expect(rig.changes.filter(({ runEnded }) => runEnded !== undefined)).toHaveLength(1);
  });

  it('let a run go on whose reports come late, as long as some come', async () => {
    await rig.now(0, running(1));
    rig.setSeconds(290);
    await rig.report('ci-shop', 10, running(20));
    rig.setSeconds(400);

    await rig.window();

    expect((await rig.runs('ci-shop'))[0]).not.toHaveProperty('endedAt');
  });

  it('end the run of one that was switched off', async () => {
    await rig.now(0, running(1));
    await rig.admin.ask('PATCH /v1/targets/ci-shop', { body: { enabled: false } });

    await rig.window();

    expect(await rig.runs('ci-shop')).toMatchObject([{ run, outcome: 'lost', endedAt: instant(0) }]);
  });
});

describe('a report that comes as its run is given up', () => {
  it.each(['the window', 'the report'])('lets the run go on, though %s is first', async (first) => {
    await rig.now(0, running(1));
    await rig.now(10, running(20));
    rig.setSeconds(312);
    const both = [() => rig.window(), () => rig.report('ci-shop', 305, running(50))];

    await Promise.all((first === 'the window' ? both : both.toReversed()).map((each) => each()));
    await rig.window();

    const [record, ...others] = await rig.runs('ci-shop');
    expect(others).toEqual([]);
    expect(record).toMatchObject({ run, lastGoodAt: instant(305) });
    expect(record).not.toHaveProperty('endedAt');
    expect((await rig.admin.registry.target('ci-shop'))?.['status']).toMatchObject({ run });
  });

  it('is seen by a window that has read the run before it came', async () => {
    await rig.now(0, running(1));
    const { targets, runs } = rig.admin.registry;
    const [target] = (await targets.readWatched({ shard: 0, shards: 1 })).targets;
    if (target === undefined) throw new Error('no target');
    const followed = followedTarget(target, await runs.read([{ target: 'ci-shop', run }]), Date.parse(instant(300)));
    await rig.now(299, running(9));
    const lines: Lines[] = [];

    await endSilentRun(followed, {
      ports: { targets, runs, observer: {} },
      outbox: { add: (more) => void lines.push(more), addOver: (more) => void lines.push(more) },
      summary: { looks: 0, samples: 0, samplesFailed: 0, platformFailures: 0 },
    });

    expect(lines).toEqual([]);
    expect((await rig.runs('ci-shop'))[0]).not.toHaveProperty('endedAt');
    expect((await rig.admin.registry.target('ci-shop'))?.['status']).toMatchObject({ run });
  });
});

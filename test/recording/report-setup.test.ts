import { afterAll, beforeAll, expect, it } from 'vitest';
import { running, startReportRig } from '../support/rigs/report-rig.ts';
import type { ReportRig } from '../support/rigs/report-rig.ts';

let rig: ReportRig;
beforeAll(async () => {
  rig = await startReportRig('in process');
  await rig.reset();
  await rig.register('ci-shop');
});
afterAll(() => rig.close());

it('what a report says was asked for is a tag of every point and on the run’s record, without credentials', async () => {
  const setup = {
    host: 'https://me:secret@shop',
    users: 20,
    spawn_rate: 5,
    run_time: 60,
    locustfile: 'a.py',
    version: '2.47.0',
  };
  await rig.now(0, { ...running(1), setup });
  await rig.now(10, { ...running(20), setup: { ...setup, host: 'https://other' } });

  expect(await rig.runs('ci-shop')).toMatchObject([
    { host: 'https://shop', users: 20, spawnRate: 5, runTimeSeconds: 60, locustfile: 'a.py', locustVersion: '2.47.0' },
  ]);
  const points = [...rig.influx.points.keys()];
  expect(points.length).toBeGreaterThan(4);
  expect(points.filter((key) => !key.includes(',host=https://shop,'))).toEqual([]);
});

import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { running, startReportRig } from '../../support/rigs/report-rig.ts';
import type { ReportRig } from '../../support/rigs/report-rig.ts';

let rig: ReportRig;
let wakes = 0;
beforeAll(async () => {
  rig = await startReportRig('in process', () => ({
    wakeCollector() {
      wakes += 1;
      return wakes === 3 ? Promise.reject(new Error('the queue is away')) : Promise.resolve();
    },
  }));
});
beforeEach(() => rig.reset());
afterAll(() => rig.close());

const sent = async (id: string, seconds: number, saying = running(seconds)): Promise<number> => {
  rig.setSeconds(seconds);
  return (await rig.report(id, seconds, saying)).status;
};

it('the report that begins a run wakes the collector where it reads the web UI as well, and no other does', async () => {
  await rig.register('web', { source: 'fetch', url: 'http://127.0.0.1:1' });
  await rig.register('ci');
  const before = wakes;

  expect([await sent('web', 10), await sent('web', 20), await sent('web', 10)]).toEqual([202, 202, 202]);
  expect(wakes).toBe(before + 1);
  await sent('web', 30, { state: 'stopped', requests: 40 });
  await sent('ci', 30);
  expect(wakes).toBe(before + 1);

  // The next minute comes all the same.
  wakes = 2;
  expect(await sent('web', 60, running(1))).toBe(202);
  expect(wakes).toBe(3);
});

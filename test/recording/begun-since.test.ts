import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { minute, second, startCollectorRig } from '../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../support/rigs/collector-rig.ts';
import { historyPage } from '../support/locust/history-page.ts';
import type { Saying } from '../support/locust/scripted-locust.ts';
import { at } from '../support/time/instants.ts';

let rig: CollectorRig;
beforeEach(async () => {
  rig = await startCollectorRig();
});
afterEach(() => rig.close());

/** Locust's page, with a history that begins so many seconds after the run's first sample, and the users asked for. */
const pageFrom = (seconds: number, untilSeconds: number, users = 2): string => {
  const count = Math.max(0, Math.floor((untilSeconds - seconds) / 5) + 1);
  const entries = Array.from({ length: count }, (_, index) => ({ atMs: minute + (seconds + 5 * index) * second }));
  return historyPage(entries, { num_users: users });
};
/** A test that began 4 s before the first sample, and asks often. */
const first: Saying = { state: 'running', users: 2, requests: 60, ageSeconds: 4, page: pageFrom(-3, 0) };

/** The runs on record when the second sample, 10 s after the first, found this. */
async function runsAfter(next: Partial<Saying>): Promise<readonly unknown[]> {
  const locust = await rig.locust('shop', first);
  const window = rig.begin({ scheduledTime: at(0) });
  await rig.clock.advanceTo(minute + 9 * second);
  locust.say({ state: 'running', users: 40, requests: 900, ageSeconds: 7.9, ...next });
  await rig.clock.runUntilDone(window);
  return rig.registry.runsOf('shop');
}

const two = [
  { startedAt: at(0), endedAt: at(0), outcome: 'finished', total: { numRequests: 60 } },
  { startedAt: at(10), total: { numRequests: 900 } },
];
const one = [{ startedAt: at(0), total: { numRequests: 900 } }];

describe('a second sample whose counters are younger than the first', () => {
  it('begins another run where Locust has kept no moment of a test that began before', async () => {
    expect(await runsAfter({ page: pageFrom(4, 10) })).toMatchObject(two);
  });

  it('begins another run where other users were asked for', async () => {
    expect(await runsAfter({ page: pageFrom(1.5, 10, 40) })).toMatchObject(two);
  });

  it('is of the same run where Locust’s page says so: a system that hangs ends no requests', async () => {
    const runs = await runsAfter({ page: pageFrom(-3, 10) });

    expect(runs).toMatchObject(one);
    expect(runs).toHaveLength(1);
  });

  it('is of the same run where the page says nothing', async () => {
    expect(await runsAfter({})).toHaveLength(1);
  });

  it('is of the same run where the counters are as old as the time that has passed', async () => {
    expect(await runsAfter({ ageSeconds: 13.9, page: pageFrom(4, 10, 40) })).toHaveLength(1);
  });
});

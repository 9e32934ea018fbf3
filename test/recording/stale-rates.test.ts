import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { minute, second, startCollectorRig } from '../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../support/rigs/collector-rig.ts';
import type { Saying } from '../support/locust/scripted-locust.ts';

let rig: CollectorRig;
beforeEach(async () => {
  rig = await startCollectorRig();
});
afterEach(() => rig.close());

const at = (seconds: number): string => new Date(minute + seconds * second).toISOString();
/** Locust says 4.2 requests/s in each of its answers. */
const running = (requests: number, saying: Partial<Saying> = {}): Saying => ({ state: 'running', requests, ...saying });

/** What is stored of each sample, and the timeline's rates. */
async function ratesStored(): Promise<readonly unknown[]> {
  const totals = await rig.sink.points('locust_total');
  return totals.map(({ fields }) => fields['current_rps']);
}

describe('the rates of a Locust that goes on saying its last ones', () => {
  it('are 0 once nothing was counted for as long as they are made of, and are again when something is', async () => {
    const locust = await rig.locust('shop', running(100));
    const window = rig.begin({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 5 * second);
    // The system under test hangs, while more and more users wait for it.
    for (const [index, seconds] of [15, 25, 35].entries()) {
      locust.say(running(110, { users: 6 + index }));
      await rig.clock.advanceTo(minute + seconds * second);
    }
    locust.say(running(120));
    await rig.clock.runUntilDone(window);

    expect(await ratesStored()).toEqual([4.2, 4.2, 0, 0, 4.2, 0]);
    const [, , still] = await rig.sink.points('locust_total');
    expect(still?.fields).toMatchObject({ current_fail_per_sec: 0, num_requests: 110, user_count: 7 });
    expect(still?.fields).not.toHaveProperty('current_response_time_percentile_95');
    const endpoints = await rig.sink.points('locust_endpoint');
    expect(endpoints.map(({ fields }) => fields['current_rps'])).toEqual([4.2, 4.2, 0, 0, 4.2, 0]);
    const [run] = await rig.registry.runsOf('shop');
    const timeline = run?.['timeline'] as readonly (readonly unknown[])[];
    expect(timeline.map(([, , rps]) => rps)).toEqual([4.2, 4.2, 0, 0, 4.2, 0]);
    expect((await rig.registry.target('shop'))?.['status']).toMatchObject({ currentRps: 0 });
    expect(rig.samples.map(({ report }) => report?.total.currentRps)).toEqual([4.2, 4.2, 0, 0, 4.2, 0]);
  });

  it('are what Locust says where the interval is shorter than what they are made of', async () => {
    const locust = await rig.locust('shop', running(100), { sampleSeconds: 5 });
    const window = rig.begin({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 2 * second);
    locust.say(running(110));
    await rig.clock.runUntilDone(window);

    expect((await ratesStored()).slice(0, 5)).toEqual([4.2, 4.2, 4.2, 0, 0]);
  });

  it('are 0 also where its samples are written by several windows', async () => {
    await rig.locust('shop', running(100));
    await rig.window({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 60 * second);
    await rig.window({ scheduledTime: at(60) });

    expect((await ratesStored()).slice(1)).toEqual(Array.from({ length: 11 }, () => 0));
  });

  it('are not on the record of a test that is over', async () => {
    const locust = await rig.locust('shop', running(100));
    const window = rig.begin({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 15 * second);
    locust.say({ state: 'stopped', requests: 150 });
    await rig.clock.runUntilDone(window);

    const [run] = await rig.registry.runsOf('shop');
    expect(run).toMatchObject({ outcome: 'finished', total: { numRequests: 150 } });
    expect(run?.['total']).not.toHaveProperty('currentRps');
    expect((await ratesStored()).at(-1)).toBeUndefined();
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectPointsOfRuns } from '../support/influx/points-of-runs.ts';
import { minute, second, startCollectorRig } from '../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../support/rigs/collector-rig.ts';
import type { ScriptedLocust, Saying } from '../support/locust/scripted-locust.ts';
import type { Item } from '../support/rigs/registry.ts';

let rig: CollectorRig;
let minutes = 0;
beforeEach(async () => {
  rig = await startCollectorRig();
  minutes = 0;
});
afterEach(async () => {
  await expectPointsOfRuns(rig);
  await rig.close();
});

/** One test of a minute at most, which ends with these figures. */
async function runTest(locust: ScriptedLocust, last: Partial<Saying>): Promise<Item | undefined> {
  const startMs = minute + minutes * 120 * second;
  minutes += 1;
  await rig.clock.advanceTo(startMs);
  locust.say({ state: 'running', requests: 10 });
  const window = rig.begin({ scheduledTime: new Date(startMs).toISOString() });
  await rig.clock.advanceTo(startMs + 25 * second);
  locust.say({ state: 'stopped', users: 0, requests: 1_000, ...last });
  await rig.clock.runUntilDone(window);
  return (await rig.registry.runsOf('shop')).at(-1);
}

const criteria = ['p95 < 500 ms', 'GET /pay p95 < baseline + 10 %'];

describe('a run of a target with criteria', () => {
  it('has a verdict on record when it has ended, by its final figures', async () => {
    const locust = await rig.locust('shop', undefined, { criteria });
    const endpoints = ['/', '/pay'];

    expect(await runTest(locust, { endpoints, p95: 100 })).toMatchObject({
      outcome: 'finished',
      verdict: 'passed',
      verdictDetails: {
        doubts: [],
        rules: [
          { criterion: 'p95 < 500 ms', result: 'passed', text: 'p95 was 100 ms, below 500 ms.' },
          { text: 'p95 of GET /pay was 100 ms; there is nothing to compare it with yet.' },
        ],
      },
    });
    const [first] = await rig.registry.runsOf('shop');
    expect(await runTest(locust, { endpoints, p95: 130 })).toMatchObject({
      verdict: 'failed',
      verdictDetails: {
        baseline: first?.['run'],
        rules: [
          { result: 'passed' },
          {
            criterion: 'GET /pay p95 < baseline + 10 %',
            result: 'failed',
            text: `p95 of GET /pay was 130 ms, not below 110 ms (it was 100 ms in run ${String(first?.['run'])}).`,
          },
        ],
      },
    });
    // What failed is no baseline.
    expect(await runTest(locust, { endpoints, p95: 110 })).toMatchObject({
      verdictDetails: { baseline: first?.['run'] },
    });
  });

  it('is compared with the last one of the tags that its target names, or with the one run that it names', async () => {
    const target = { criteria: ['p95 < baseline + 10 %'], tags: { branch: 'main' } };
    const locust = await rig.locust('shop', undefined, target);
    const main = await runTest(locust, { p95: 100 });
    const of = async (settings: Item): Promise<unknown> => {
      await rig.registry.putTarget({ ...(await rig.registry.target('shop')), ...settings, status: undefined });
      return ((await runTest(locust, { p95: 100 }))?.['verdictDetails'] as Item)['baseline'];
    };
    const branch = { tags: { branch: 'quicker' }, baseline: { tags: { branch: 'main' } } };

    expect(main).toMatchObject({ tags: { branch: 'main' }, verdict: 'passed' });
    expect(await of(branch)).toBe(main?.['run']);
    expect(await of(branch)).toBe(main?.['run']);
    const runs = await rig.registry.runsOf('shop');
    expect(await of({ baseline: undefined })).toBe(runs.at(-1)?.['run']);
    expect(await of({ baseline: { run: runs[1]?.['run'] } })).toBe(runs[1]?.['run']);
  });

  it('is unsure where its Locust was lost, and says why', async () => {
    const locust = await rig.locust('shop', { state: 'running', requests: 1_000 }, { criteria: ['p95 < 500 ms'] });
    await rig.window({ scheduledTime: new Date(minute).toISOString() });
    await locust.vanish();
    for (let at = 1; at < 3; at += 1)
      await rig.window({ scheduledTime: new Date(minute + at * 60 * second).toISOString() });

    const [run] = await rig.registry.runsOf('shop');
    expect(run).toMatchObject({ outcome: 'ended', verdict: 'unsure' });
    expect((run?.['verdictDetails'] as { doubts: string[] }).doubts[0]).toMatch(/^Its Locust exited/);
  });

  it('is judged again where its last figures come late', async () => {
    const locust = await rig.locust('shop', { state: 'running', requests: 10 }, { criteria: ['num_failures < 1'] });
    const window = rig.begin({ scheduledTime: new Date(minute).toISOString() });
    await rig.clock.advanceTo(minute + 45 * second);
    locust.say({ state: 'stopped', users: 0, requests: 90 });
    await rig.clock.advanceTo(minute + 52 * second);
    locust.say({ state: 'stopped', users: 0, requests: 99, failures: 4 });
    await rig.clock.runUntilDone(window);

    expect(await rig.registry.runsOf('shop')).toMatchObject([{ verdict: 'failed' }]);
  });

  it('has none where its target has no criteria', async () => {
    const locust = await rig.locust('shop');
    expect(await runTest(locust, {})).not.toHaveProperty('verdict');
  });
});

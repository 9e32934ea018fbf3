import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectPointsOfRuns } from '../support/influx/points-of-runs.ts';
import { minute, second, startCollectorRig } from '../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../support/rigs/collector-rig.ts';
import type { Saying, ScriptedLocust } from '../support/locust/scripted-locust.ts';

let rig: CollectorRig;
let locust: ScriptedLocust;
beforeEach(async () => {
  rig = await startCollectorRig();
});
afterEach(async () => {
  await expectPointsOfRuns(rig);
  await rig.close();
});

const at = (seconds: number): string => new Date(minute + seconds * second).toISOString();
const first = '20261122T140500Z';

/** A test that makes two requests a second, as it stands at an instant. */
const testAt = (seconds: number, saying: Partial<Saying> = {}): Saying => ({
  state: 'running',
  requests: 100 + 2 * seconds,
  ageSeconds: 50 + seconds,
  ...saying,
});

/** Windows of the schedule up to an instant; what happens at the seconds that are named happens there. */
async function until(endSeconds: number, happens: Readonly<Record<number, () => unknown>>): Promise<void> {
  for (let seconds = Math.max(0, (rig.clock.now() - minute) / second); seconds < endSeconds; seconds += 60) {
    const window = rig.begin({ scheduledTime: at(seconds) }, { collector: rig.collector });
    for (const [atSeconds, act] of Object.entries(happens)) {
      const inWindow = Number(atSeconds) - seconds;
      if (inWindow < 0 || inWindow >= 60) continue;
      await rig.clock.advanceTo(minute + Number(atSeconds) * second);
      await act();
    }
    await rig.clock.runUntilDone(window);
    if (rig.clock.now() < minute + (seconds + 60) * second) await rig.clock.advanceTo(minute + (seconds + 60) * second);
  }
}

const vanish = () => locust.vanish();
const comesBackWith = (saying: Saying) => async () => {
  locust.say(saying);
  await locust.comeBack();
};
const says = (saying: Saying) => () => {
  locust.say(saying);
};

/** The events as InfluxDB has them: of those at one instant the last one counts. */
async function events(): Promise<readonly string[]> {
  const points = await rig.sink.points('locust_event');
  const stored = new Map(points.map(({ atMs, tags, fields }) => [`${tags['event']} ${atMs}`, String(fields['text'])]));
  return [...stored].map(([key, text]) => {
    const [event, atMs] = key.split(' ');
    return `${event} at ${(Number(atMs) - minute) / second}: ${text}`;
  });
}

describe('a run whose Locust was out of reach in the middle of its test', () => {
  it('stays one run where it comes back after its run was given up, while its users finish, of a release that does not tell the time', async () => {
    const answer: Saying = { state: 'running', requests: 100 };
    locust = await rig.locust('shop', answer);
    await until(900, {
      25: vanish,
      605: comesBackWith({ ...answer, state: 'stopping', requests: 900 }),
      665: says({ ...answer, state: 'stopped', users: 0, requests: 910 }),
    });

    expect(await rig.registry.runsOf('shop')).toHaveLength(1);
    expect((await rig.registry.target('shop'))?.['status']).toMatchObject({ notice: { kind: 'counted-at-rest' } });
  });

  it('is one run when the counters go on, and its stop is told at its end', async () => {
    locust = await rig.locust('shop', testAt(0));
    await until(180, {
      15: vanish,
      // It has been given up by then.
      55: comesBackWith(testAt(60)),
      95: says(testAt(95)),
      125: says(testAt(125, { state: 'stopped' })),
    });

    expect(await rig.registry.runsOf('shop')).toMatchObject([
      { run: first, outcome: 'finished', endedAt: at(130), lastGoodAt: at(120), total: { numRequests: 350 } },
    ]);
    expect(await events()).toEqual([
      `start at 0: run ${first} started`,
      `stop at 10: run ${first} went on: its Locust answered again`,
      `stop at 130: run ${first} finished`,
    ]);
    const runs = await rig.sink.points('locust_run');
    expect(runs.map(({ atMs, fields }) => [atMs, fields['outcome'], fields['num_requests']])).toEqual([
      [minute, 'ended', 100],
      [minute, 'under way', undefined],
      [minute, 'finished', 350],
    ]);
    expect(rig.changes.filter(({ runStarted }) => runStarted !== undefined)).toHaveLength(1);
    const totals = await rig.sink.points('locust_total');
    expect(new Set(totals.map(({ tags }) => tags['run']))).toEqual(new Set([first]));
    expect((await rig.registry.target('shop'))?.['status']).toMatchObject({ state: 'stopped' });
  });

  it('is one run where nothing was asked for meanwhile, whatever release it is', async () => {
    const still: Saying = { state: 'running', requests: 7 };
    locust = await rig.locust('shop', still);
    await until(120, { 15: vanish, 55: comesBackWith(still) });

    expect(await rig.registry.runsOf('shop')).toMatchObject([{ run: first }]);
  });

  it('is one run where its release does not tell an age, but nobody could have counted as far in so short a time', async () => {
    locust = await rig.locust('shop', { state: 'running', requests: 500 });
    await until(300, { 155: vanish, 200: comesBackWith({ state: 'running', requests: 900 }) });

    const [run, ...others] = await rig.registry.runsOf('shop');
    expect([run?.['run'], run?.['endedAt'], others]).toEqual([first, undefined, []]);
  });

  it('is one run after many minutes, where the counters have been counting all the time', async () => {
    locust = await rig.locust('shop', testAt(0));
    await until(540, { 15: vanish, 475: comesBackWith(testAt(475)) });

    expect(await rig.registry.runsOf('shop')).toMatchObject([{ run: first, lastGoodAt: at(530) }]);
  });

  it('has the last figures of a test that ended meanwhile', async () => {
    locust = await rig.locust('shop', testAt(0));
    await until(180, { 15: vanish, 55: comesBackWith(testAt(50, { state: 'stopped' })) });

    expect(await rig.registry.runsOf('shop')).toMatchObject([
      { run: first, outcome: 'finished', endedAt: at(60), total: { numRequests: 200 } },
    ]);
    expect((await events()).at(-1)).toBe(`stop at 60: run ${first} finished`);
    const last = (await rig.sink.points('locust_total')).at(-1);
    expect(last).toMatchObject({ atMs: minute + 60 * second, fields: { num_requests: 200, state: 'stopped' } });
  });

  it.each([
    ['counters that have been counting for less time', testAt(55, { ageSeconds: 30 })],
    ['counters that fell', testAt(55, { requests: 20, ageSeconds: 10 })],
  ])('is over where another test runs: %s', async (_what, saying) => {
    locust = await rig.locust('shop', testAt(0));
    await until(120, { 15: vanish, 55: comesBackWith(saying) });

    expect(await rig.registry.runsOf('shop')).toMatchObject([
      { run: first, outcome: 'ended', endedAt: at(10) },
      { run: '20261122T140600Z' },
    ]);
  });

  it('stays over where its target was changed since: it may be another Locust', async () => {
    locust = await rig.locust('shop', testAt(0));
    const edited = { id: 'shop', url: locust.url, updatedAt: at(40), version: 2 };
    await until(60, { 15: vanish, 55: comesBackWith(testAt(55)) });
    const status = (await rig.registry.target('shop'))?.['status'];
    await rig.registry.putTarget({ ...edited, status });
    await until(120, {});

    expect(await rig.registry.runsOf('shop')).toHaveLength(2);
  });

  it('stays over where it answered at rest in between', async () => {
    locust = await rig.locust('shop', testAt(0));
    await until(180, { 15: vanish, 55: comesBackWith({ state: 'ready' }), 115: says(testAt(125)) });

    expect(await rig.registry.runsOf('shop')).toHaveLength(2);
  });
});

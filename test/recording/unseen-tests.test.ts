import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectPointsOfRuns } from '../support/influx/points-of-runs.ts';
import { minute, second, startCollectorRig } from '../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../support/rigs/collector-rig.ts';
import type { Item } from '../support/rigs/registry.ts';
import { historyPage } from '../support/locust/history-page.ts';
import type { Saying } from '../support/locust/scripted-locust.ts';

let rig: CollectorRig;
beforeEach(async () => {
  rig = await startCollectorRig();
});
afterEach(async () => {
  await expectPointsOfRuns(rig);
  await rig.close();
});

const at = (seconds: number): string => new Date(minute + seconds * second).toISOString();
const page = (...seconds: number[]): string => historyPage(seconds.map((each) => ({ atMs: minute + each * second })));
const registered = { createdAt: at(-3600), updatedAt: at(-3600) };

/** One window for each answer, a minute apart. */
async function windowsWith(sayings: readonly Saying[], target: Item = registered): Promise<void> {
  const locust = await rig.locust('smoke', sayings[0], target);
  for (const [index, saying] of sayings.entries()) {
    locust.say(saying);
    await rig.window({ scheduledTime: at(60 * index) });
    await rig.clock.advanceTo(minute + 60 * (index + 1) * second);
  }
}

const ready: Saying = { state: 'ready', users: 0, page: page() };
const over: Saying = { state: 'stopped', users: 0, requests: 1200, ageSeconds: 4.2, page: page() };
const runs = () => rig.registry.runsOf('smoke');

describe('a test that was over before it was seen', () => {
  it('is a run on record with Locust’s final figures, and all that is shown says so', async () => {
    await windowsWith([ready, over]);

    const [run, ...others] = await runs();
    expect(others).toEqual([]);
    expect(run).toMatchObject({
      run: '20261122T140600Z',
      startedAt: at(60),
      beganAt: new Date(minute + 60 * second - 4200).toISOString(),
      endedAt: at(60),
      outcome: 'finished',
      total: { numRequests: 1200 },
    });
    expect(run?.['notes']).toEqual([
      expect.stringMatching(
        /^A test of about 4 s was over before it was seen: it ran between 2026-11-22 14:05:00 UTC and 2026-11-22 14:06:00 UTC\. If others ran in that time, Locust has not kept them\. .*IDLE_SECONDS.*two lines/,
      ),
    ]);
    const events = await rig.sink.points('locust_event');
    expect(events.map(({ tags, fields }) => [tags['event'], fields['text']])).toEqual([
      ['start', 'run 20261122T140600Z started'],
      ['stop', 'run 20261122T140600Z finished: a test of about 4 s was over before it was seen'],
    ]);
    const totals = await rig.sink.points('locust_total');
    expect(totals).toMatchObject([
      { tags: { run: '20261122T140600Z' }, fields: { num_requests: 1200, state: 'stopped' } },
    ]);
    expect(totals[0]?.fields).not.toHaveProperty('current_rps');
    expect(rig.changes).toMatchObject([
      { state: 'ready' },
      { runEnded: { id: '20261122T140600Z' }, remarks: run?.['notes'] },
    ]);
  });

  it.each(['stopping', 'cleanup'])('is on record where a single answer found it %s', async (state) => {
    const ending: Saying = { ...over, state, users: 2, requests: 1100 };
    await windowsWith([ready, ending, over, over]);
    expect(await runs()).toMatchObject([{ outcome: 'finished', total: { numRequests: 1200 } }]);
  });

  it('is on record where its Locust was registered while its users finished', async () => {
    await windowsWith([{ ...over, state: 'stopping', users: 2, requests: 1100 }, over]);
    expect(await runs()).toMatchObject([{ outcome: 'finished', total: { numRequests: 1200 } }]);
  });

  it('is one run however often Locust answers with the same figures, in whatever window', async () => {
    await windowsWith([ready, over, over, over]);

    expect(await runs()).toHaveLength(1);
    expect(await rig.sink.points('locust_total')).toHaveLength(1);
  });

  it('ends no later than it was seen to be over, and has no point of later, where the clock of Locust is ahead', async () => {
    await windowsWith([ready, { ...over, ageSeconds: 9, page: page(63, 68) }]);

    expect(await runs()).toMatchObject([{ startedAt: at(60), endedAt: at(60) }]);
    const latest = Math.max(...(await rig.sink.points('locust_total')).map(({ atMs }) => atMs));
    expect(latest).toBe(minute + 60 * second);
  });

  it('is dated, and its picture drawn, by the history that Locust has kept of it', async () => {
    await windowsWith([ready, { ...over, ageSeconds: 21, page: page(12, 17, 22, 27, 32) }]);

    const [run] = await runs();
    expect(run).toMatchObject({ run: '20261122T140512Z', startedAt: at(12), endedAt: at(33), peakUsers: 4 });
    expect(run?.['timeline']).toEqual([
      [0, 4, 20, 0, 12, 30],
      [10, 4, 20, 0, 12, 30],
      [20, 4, 20, 0, 12, 30],
    ]);
    const totals = await rig.sink.points('locust_total');
    expect(
      totals.map(({ atMs, fields }) => [(atMs - minute) / second, fields['filled'], fields['user_count']]),
    ).toEqual([
      [12.001, true, 4],
      [17.001, true, 4],
      [22.001, true, 4],
      [27.001, true, 4],
      [32.001, true, 4],
      [33, undefined, 0],
    ]);
  });

  it.each([
    ['fewer requests', { requests: 700, ageSeconds: 9 }],
    ['more requests in less time', { requests: 1300, ageSeconds: 3 }],
    ['as many requests in another time', { requests: 1200, ageSeconds: 4.5 }],
    ['fewer requests, of a release that does not tell the time', { requests: 700 }],
    ['more requests, all of them faster', { requests: 1300, ageSeconds: 5, shortestMs: 2, longestMs: 80, page: '' }],
    ['more requests, and a history that begins later', { requests: 9000, ageSeconds: 50, page: page(65, 70) }],
  ])('is another run after one that was seen: %s', async (_what, another) => {
    const first = { ...over, ageSeconds: 4.2 };
    await windowsWith([ready, first, { ...over, ageSeconds: undefined, ...another } as Saying]);

    const totals = (await runs()).map(({ total }) => (total as { numRequests: number }).numRequests);
    expect(totals).toEqual([1200, another.requests]);
  });

  it('is found after a time in which its Locust could not be reached', async () => {
    const locust = await rig.locust('smoke', ready, registered);
    await rig.window({ scheduledTime: at(0) });
    await locust.vanish();
    await rig.clock.advanceTo(minute + 60 * second);
    await rig.window({ scheduledTime: at(60) });
    await rig.clock.advanceTo(minute + 120 * second);
    locust.say({ ...over, ageSeconds: 11, page: page(66, 71, 76) });
    await locust.comeBack();
    await rig.window({ scheduledTime: at(120) });

    expect(await runs()).toMatchObject([{ run: '20261122T140606Z', startedAt: at(66), endedAt: at(77) }]);
  });

  it('is one that ran between two instants, when its Locust was first looked at', async () => {
    const locust = await rig.locust('smoke', { ...over, state: 'running' }, registered);
    await rig.clock.advanceTo(minute + 13 * second);
    const window = rig.begin({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 15 * second);
    locust.say(over);
    await rig.clock.runUntilDone(window);

    expect(await runs()).toMatchObject([{ run: '20261122T140520Z', total: { numRequests: 1200 } }]);
  });

  it('is one of a Locust that was registered right before it', async () => {
    await windowsWith([{ ...over, page: page(-20) }], { createdAt: at(-30), updatedAt: at(-30) });

    expect(await runs()).toMatchObject([{ run: '20261122T140440Z' }]);
  });
});

describe('no test was missed where', () => {
  it.each<[string, readonly Saying[], Item?]>([
    ['a Locust is registered with a test that was over before', [over, over], { createdAt: at(-1), updatedAt: at(-1) }],
    ['it is registered with a test of which nobody knows when it was', [{ ...over, page: '' }, over]],
    ['it has kept a history from before', [{ ...over, page: page(-30) }], { createdAt: at(-20), updatedAt: at(-20) }],
    ['its statistics are reset', [over, { ...over, requests: 0 }, { ...over, requests: 0 }]],
    [
      'its counters rise after its test, in the same history',
      [over, { ...over, requests: 1300, page: page(-20, -15) }],
    ],
    [
      'its counters rise after its test, and nothing else is known',
      [over, { ...over, requests: 1300, ageSeconds: 5, page: '' }],
    ],
  ])('%s', async (_what, sayings, target) => {
    await windowsWith(sayings, target ?? registered);

    expect(await runs()).toEqual([]);
    expect(await rig.sink.points('locust_total')).toEqual([]);
  });

  it('it may be the same test, and somebody should know: its notice says so', async () => {
    await windowsWith([ready, over, { ...over, requests: 1300, ageSeconds: 5 }]);

    expect(await runs()).toHaveLength(1);
    const status = (await rig.registry.target('smoke'))?.['status'] as { notice?: { kind: string; message: string } };
    expect(status.notice?.kind).toBe('counted-at-rest');
    expect(status.notice?.message).toMatch(/no test runs, but its counters went up/);
  });

  it('a run on record has those figures, also after its collector was started again', async () => {
    const locust = await rig.locust('smoke', { ...over, state: 'running' }, registered);
    const window = rig.begin({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 25 * second);
    locust.say({ ...over, requests: 1300 });
    await rig.clock.advanceTo(minute + 32 * second);
    // Of workers that report late.
    locust.say({ ...over, requests: 1310 });
    await rig.clock.runUntilDone(window);
    for (const seconds of [60, 120]) await rig.window({ scheduledTime: at(seconds) });

    expect(await runs()).toMatchObject([{ run: '20261122T140500Z', total: { numRequests: 1310 } }]);
  });

  it('a run on record is the same test, though it was given up meanwhile', async () => {
    const locust = await rig.locust('smoke', { ...over, state: 'running', page: page(-20) }, registered);
    await rig.window({ scheduledTime: at(0) });
    await locust.vanish();
    for (const seconds of [60, 120]) {
      await rig.clock.advanceTo(minute + seconds * second);
      await rig.window({ scheduledTime: at(seconds) });
    }
    locust.say({ ...over, requests: 1900, page: page(-20, -15, 65) });
    await locust.comeBack();
    for (const seconds of [600, 660]) {
      await rig.clock.advanceTo(minute + seconds * second);
      await rig.window({ scheduledTime: at(seconds) });
    }

    expect(await runs()).toHaveLength(1);
  });

  it('a Locust that registered itself reports its tests by itself', async () => {
    await windowsWith([ready, over], { ...registered, owner: 'reporter' });

    expect(await runs()).toEqual([]);
  });
});

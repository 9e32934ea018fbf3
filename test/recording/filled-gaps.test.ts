import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { minute, second, startCollectorRig } from '../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../support/rigs/collector-rig.ts';
import { historyPage } from '../support/locust/history-page.ts';
import type { Saying } from '../support/locust/scripted-locust.ts';

let rig: CollectorRig;
beforeEach(async () => {
  rig = await startCollectorRig({ startAtMs: minute - 60 * second });
});
afterEach(() => rig.close());

const at = (seconds: number): string => new Date(minute + seconds * second).toISOString();
const everyFive = (fromSeconds: number, untilSeconds: number): readonly number[] =>
  Array.from({ length: Math.floor((untilSeconds - fromSeconds) / 5) + 1 }, (_, index) => fromSeconds + 5 * index);
/** Locust's history from an instant on. */
const pageFrom = (fromSeconds: number, untilSeconds: number): string =>
  historyPage(everyFive(fromSeconds, untilSeconds).map((each) => ({ atMs: minute + each * second, users: 8 })));
const from = -123;
/** A test that began at `from`, at an instant. */
const testAt = (seconds: number, saying: Partial<Saying> = {}): Saying => ({
  state: 'running',
  requests: 1000 + 20 * seconds,
  ageSeconds: seconds - from,
  page: pageFrom(from + 2, seconds),
  ...saying,
});
const windowAt = async (seconds: number): Promise<void> => {
  if (rig.clock.now() < minute + seconds * second) await rig.clock.advanceTo(minute + seconds * second);
  await rig.window({ scheduledTime: at(seconds) });
};
async function totals(): Promise<readonly [seconds: number, filled: unknown][]> {
  const points = await rig.sink.points('locust_total');
  const stored = new Map(points.map(({ atMs, fields }) => [(atMs - minute) / second, fields['filled']]));
  return [...stored].sort(([one], [other]) => one - other);
}
const filledAt = async (): Promise<readonly number[]> =>
  (await totals()).flatMap(([seconds, filled]) => (filled === true ? [seconds - 0.001] : [])).map(Math.round);

describe('a test that was first seen in its middle', () => {
  it('has its true start and Locust’s own history of what was missed', async () => {
    await rig.locust('shop', testAt(0));
    await windowAt(0);

    const [run, ...others] = await rig.registry.runsOf('shop');
    expect(others).toEqual([]);
    expect(run).toMatchObject({ run: '20261122T140500Z', startedAt: at(0), beganAt: at(from), peakUsers: 8 });
    const timeline = run?.['timeline'] as readonly (readonly number[])[];
    expect(timeline[0]).toEqual([from + 2, 8, 20, 0, 12, 30]);
    expect(timeline.at(-1)?.[0]).toBe(50);
    expect(await filledAt()).toEqual(everyFive(from + 2, -1));
    const [first] = await rig.sink.points('locust_total');
    expect(first?.fields).toEqual({
      user_count: 8,
      current_rps: 20,
      current_fail_per_sec: 0,
      avg_response_time: 12.5,
      current_response_time_percentile_50: 12,
      current_response_time_percentile_95: 30,
      filled: true,
      started_at: minute + from * second,
      seconds_since_start: 2,
    });
    const sampled = (await rig.sink.points('locust_total')).find(({ fields }) => fields['filled'] === undefined);
    expect(sampled?.fields).toMatchObject({ started_at: minute + from * second, seconds_since_start: -from });
  });

  it('has its true start also where only the age of its counters tells it', async () => {
    await rig.locust('shop', testAt(0, { page: '' }));
    await windowAt(0);

    expect(await rig.registry.runsOf('shop')).toMatchObject([{ startedAt: at(0), beganAt: at(from) }]);
    expect(await filledAt()).toEqual([]);
  });

  it('has its true start also where only the history tells it', async () => {
    await rig.locust('shop', { state: 'running', requests: 1000, page: pageFrom(from + 2, 0) });
    await windowAt(0);

    expect(await rig.registry.runsOf('shop')).toMatchObject([{ startedAt: at(0), beganAt: at(from + 2) }]);
  });

  it('did not begin before Locust was seen without a test', async () => {
    const locust = await rig.locust('shop', { state: 'ready' });
    await windowAt(-60);
    locust.say(testAt(0));
    await windowAt(0);

    expect(await rig.registry.runsOf('shop')).toMatchObject([{ startedAt: at(0), beganAt: at(-60) }]);
    expect((await filledAt()).at(0)).toBe(-56);
  });
});

describe('a gap in a run', () => {
  const expected = everyFive(54, 179);

  it('of a collector that was away is filled in, and the samples stay as they are', async () => {
    const locust = await rig.locust('shop', testAt(0));
    await windowAt(0);
    const before = (await totals()).length;
    locust.say(testAt(180));
    await windowAt(180);

    expect((await filledAt()).slice(-expected.length)).toEqual(expected);
    const sampled = (await totals()).flatMap(([seconds, filled]) => (filled === true ? [] : [seconds]));
    expect(sampled).toEqual([0, 10, 20, 30, 40, 50, 180, 190, 200, 210, 220, 230]);
    expect((await totals()).length).toBe(before + expected.length + 6);
    expect(await rig.registry.runsOf('shop')).toHaveLength(1);
    const [run] = await rig.registry.runsOf('shop');
    const seconds = (run?.['timeline'] as readonly (readonly number[])[]).map(([each]) => each ?? NaN);
    expect(seconds).toEqual(seconds.toSorted((one, other) => one - other));
    expect(seconds.filter((each) => each > 50 && each < 180).length).toBeGreaterThan(10);
  });

  it('is filled in with the same points where its run’s record is older than its last sample', async () => {
    const locust = await rig.locust('shop', testAt(0));
    await windowAt(0);
    const [record] = await rig.registry.runsOf('shop');
    const item = { ...record, lastGoodAt: at(20), timeline: JSON.stringify(record?.['timeline']) };
    const asOfRecord = { state: 'running', run: record?.['run'], checkedAt: at(50), since: at(0) };
    locust.say(testAt(180));
    await windowAt(180);
    const before = await filledAt();
    await rig.registry.client.send(new PutCommand({ TableName: 'Runs', Item: item }));
    await rig.registry.putTarget({ ...(await rig.registry.target('shop')), status: asOfRecord });
    locust.say(testAt(300));
    await windowAt(300);

    const filled = await filledAt();
    expect(filled.slice(0, before.length)).toEqual(before);
    expect(new Set(filled.map((each) => (each - from - 2) % 5))).toEqual(new Set([0]));
    const sampled = (await totals()).flatMap(([seconds, each]) => (each === true ? [] : [seconds]));
    expect(sampled).toEqual([0, 10, 20, 30, 40, 50, 180, 190, 200, 210, 220, 230, 300, 310, 320, 330, 340, 350]);
  });

  it.each([
    ['could not be read is filled in', 'admin', everyFive(14, 44)],
    ['registered itself is not: it reports what the collector does not see', 'reporter', []],
  ])('of a Locust that %s', async (_, owner, filled) => {
    const locust = await rig.locust('shop', testAt(0), { owner });
    await rig.clock.advanceTo(minute);
    const window = rig.begin({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 15 * second);
    locust.say((_request, response) => response.writeHead(500).end());
    await rig.clock.advanceTo(minute + 45 * second);
    locust.say(testAt(45));
    await rig.clock.runUntilDone(window);

    expect((await filledAt()).filter((each) => each > 0)).toEqual(filled);
  });

  it('in which the test ended is filled in up to its end', async () => {
    const locust = await rig.locust('shop', testAt(0));
    await windowAt(0);
    locust.say(testAt(180, { state: 'stopped', users: 0, page: pageFrom(from + 2, 100) }));
    await windowAt(180);

    expect((await filledAt()).at(-1)).toBe(99);
    expect(await rig.registry.runsOf('shop')).toMatchObject([
      { outcome: 'finished', endedAt: at(104), total: { numRequests: 4600 } },
    ]);
    expect((await totals()).at(-1)).toEqual([104, undefined]);
  });

  it('of an hour, in which the test ended, has its final figures: Locust’s history proves that it is the same', async () => {
    const locust = await rig.locust('shop', testAt(0));
    await windowAt(0);
    locust.say(testAt(3600, { state: 'stopped', users: 0, ageSeconds: 400, page: pageFrom(from + 2, 270) }));
    await windowAt(3600);

    expect(await rig.registry.runsOf('shop')).toMatchObject([
      { outcome: 'finished', endedAt: at(274), lastState: 'stopped', total: { numRequests: 73_000 } },
    ]);
    expect((await filledAt()).at(-1)).toBe(269);
    expect((await totals()).at(-1)).toEqual([274, undefined]);
  });

  it('of a Locust that was out of reach until its test was over has its final figures', async () => {
    const locust = await rig.locust('shop', testAt(0));
    await windowAt(0);
    await locust.vanish();
    await windowAt(60);
    await windowAt(120);
    locust.say(testAt(3600, { state: 'stopped', users: 0, ageSeconds: 400, page: pageFrom(from + 2, 270) }));
    await locust.comeBack();
    await windowAt(3600);
    await windowAt(3660);

    expect(await rig.registry.runsOf('shop')).toMatchObject([
      { outcome: 'finished', endedAt: at(274), total: { numRequests: 73_000 } },
    ]);
  });

  it('of an hour is the end of its run where another test was made meanwhile', async () => {
    const locust = await rig.locust('shop', testAt(0));
    await windowAt(0);
    locust.say(testAt(3600, { state: 'stopped', users: 0, ageSeconds: 400, page: pageFrom(600, 1000) }));
    await windowAt(3600);

    expect(await rig.registry.runsOf('shop')).toMatchObject([{ outcome: 'lost', endedAt: at(50) }]);
  });

  it('is not filled in with what another test has left', async () => {
    const locust = await rig.locust('shop', testAt(0));
    await windowAt(0);
    const before = await filledAt();
    locust.say(testAt(180, { state: 'stopped', users: 0, page: pageFrom(120, 170) }));
    await windowAt(180);

    expect(await filledAt()).toEqual(before);
  });

  it('of one missed sample is none', async () => {
    const locust = await rig.locust('shop', testAt(0));
    await rig.clock.advanceTo(minute);
    const window = rig.begin({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 15 * second);
    locust.say((_request, response) => response.writeHead(500).end());
    await rig.clock.advanceTo(minute + 25 * second);
    locust.say(testAt(25));
    await rig.clock.runUntilDone(window);

    expect((await filledAt()).filter((each) => each > 0)).toEqual([]);
    expect(locust.pagesAsked).toBe(1);
  });
});

import { beforeEach, expect, it } from 'vitest';
import { createMinuteClock } from '../../infra/local/minute-clock.ts';
import type { MinuteClock } from '../../infra/local/minute-clock.ts';
import type { Collector } from '../../lambda/collector/collector.ts';
import { createHandClock } from '../support/time/hand-clock.ts';
import type { HandClock } from '../support/time/hand-clock.ts';

const [second, minute, hour] = [1_000, 60_000, 3_600_000];
const startAtMs = Date.parse('2026-11-22T14:05:20Z');

interface Invoked {
  readonly event: { readonly scheduledTime: string; readonly from?: string };
  readonly atMs: number;
  readonly remainingMs: number;
  isStopped(): boolean;
}

let clock: HandClock;
let minuteClock: MinuteClock;
let invoked: Invoked[];
let stopping: AbortController;
/** As a window: it lasts until it is stopped or its time is over. */
const collector: Collector = async (event, invocation) => {
  const { stop } = invocation;
  const remainingMs = invocation.getRemainingTimeInMillis();
  const each = { event: event as Invoked['event'], atMs: clock.now(), remainingMs };
  invoked.push({ ...each, isStopped: () => stop?.aborted === true });
  await clock.sleepUntil(clock.now() + remainingMs, stop).catch(() => undefined);
  return [];
};

beforeEach(() => {
  clock = createHandClock(startAtMs);
  minuteClock = createMinuteClock(clock, () => undefined);
  invoked = [];
  stopping = new AbortController();
});

const seconds = (): number[] => invoked.map(({ atMs }) => (atMs - startAtMs) / second);

it('begins a window at once, and one at every full minute', async () => {
  const done = minuteClock.run(collector, stopping.signal);
  await clock.advanceTo(startAtMs + 3 * minute);
  stopping.abort();
  await done;

  expect(seconds()).toEqual([0, 40, 100, 160]);
  expect(invoked[1]?.event.scheduledTime).toBe('2026-11-22T14:06:00.000Z');
});

it('a change of the targets ends the window under way and begins another one at once, for what is left of the minute', async () => {
  void minuteClock.run(collector, stopping.signal);
  await clock.advanceTo(startAtMs + 10 * second);

  minuteClock.targetsChanged();
  await clock.quiet();

  expect(seconds()).toEqual([0, 10]);
  expect(invoked.map((each) => each.isStopped())).toEqual([true, false]);
  expect(invoked[1]?.event.scheduledTime).toBe(new Date(startAtMs + 10 * second).toISOString());
  // And a minute more, for a next window that begins late.
  expect(invoked[1]?.remainingMs).toBeLessThan((60 + 32) * second);
  await clock.advanceTo(startAtMs + 41 * second);
  expect(seconds()).toEqual([0, 10, 40]);
});

it('many changes at once begin a window a second at most, and the last one is not forgotten', async () => {
  void minuteClock.run(collector, stopping.signal);
  await clock.advanceTo(startAtMs + 10 * second);
  for (let n = 0; n < 50; n += 1) minuteClock.targetsChanged();
  await clock.quiet();
  for (let n = 0; n < 50; n += 1) minuteClock.targetsChanged();

  await clock.advanceTo(startAtMs + 13 * second);

  expect(seconds()).toEqual([0, 10, 11]);
});

it('a change just before the full minute waits for it', async () => {
  void minuteClock.run(collector, stopping.signal);
  await clock.advanceTo(startAtMs + 39 * second);
  minuteClock.targetsChanged();

  await clock.advanceTo(startAtMs + 41 * second);

  expect(seconds()).toEqual([0, 40]);
});

it.each([
  ['an hour back', -hour],
  ['a day forward', 24 * hour],
  ['a minute back', -minute],
  ['30 s forward', 30 * second],
])(
  'when the time is set %s, it collects within two seconds by the new time, and goes on every minute',
  async (_, by) => {
    void minuteClock.run(collector, stopping.signal);
    await clock.advanceTo(startAtMs + 5 * second);
    const jumpedAtMs = startAtMs + 5 * second + by;
    clock.setTo(jumpedAtMs);

    await clock.advanceTo(jumpedAtMs + 2 * second);

    expect(invoked).toHaveLength(2);
    expect(invoked[0]?.isStopped()).toBe(true);
    const beganAtMs = Date.parse(invoked[1]?.event.scheduledTime ?? '');
    expect(beganAtMs).toBeGreaterThanOrEqual(jumpedAtMs);
    expect(beganAtMs).toBeLessThanOrEqual(jumpedAtMs + 2 * second);
    await clock.advanceTo(jumpedAtMs + 3 * minute);
    expect(invoked.length).toBeGreaterThanOrEqual(4);
  },
);

it('idle polls of another time are forgotten, and none is made twice', async () => {
  void minuteClock.run(collector, stopping.signal);
  const poll = { scheduledTime: new Date(startAtMs).toISOString(), shard: 0, shards: 1 };
  const from = new Date(startAtMs + 10 * second).toISOString();
  await minuteClock.wake.request([{ ...poll, from }]);
  await minuteClock.wake.request([{ ...poll, from }]);
  await clock.advanceTo(startAtMs + 11 * second);
  const polls = (): number => invoked.filter(({ event }) => event.from !== undefined).length;
  expect(polls()).toBe(1);

  await minuteClock.wake.request([{ ...poll, from: new Date(startAtMs + 20 * second).toISOString() }]);
  const earlierAtMs = startAtMs - hour;
  clock.setTo(earlierAtMs);
  await clock.advanceTo(earlierAtMs + 2 * minute);

  expect(polls()).toBe(1);
});

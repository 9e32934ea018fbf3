import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDue, nextInstant, remainingIdlePolls, spanOf } from '../../lambda/collector/window-span.ts';
import { parseInput } from '../../lambda/collector/window-input.ts';
import type { WindowInput } from '../../lambda/collector/window-input.ts';

const minute = Date.parse('2026-11-22T14:05:00Z');
const intervals = [2, 5, 10, 15, 20, 30, 60].map((seconds) => seconds * 1000);

describe('instants', () => {
  it('over a day every interval comes round as often as it should, aligned to the clock', () => {
    for (const interval of intervals) {
      const instants: number[] = [];
      for (let at = minute - 1; (at = nextInstant(at, [interval])) < minute + 86_400_000;) instants.push(at);
      expect(instants).toHaveLength(86_400_000 / interval);
      expect(instants.every((instant) => isDue(instant, interval) && instant % interval === 0)).toBe(true);
    }
  });

  it('the next of several intervals is the first of their next ones', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), fc.subarray(intervals, { minLength: 1 }), (after, some) => {
        const next = nextInstant(after, some);
        expect(next).toBeGreaterThan(after);
        expect(some.some((interval) => isDue(next, interval))).toBe(true);
        for (let at = after + 1; at < next; at += 1) expect(some.some((interval) => isDue(at, interval))).toBe(false);
      }),
      { numRuns: 20 },
    );
  });

  it('of no interval there is none', () => {
    expect(nextInstant(minute, [])).toBe(Infinity);
  });
});

describe('the span of a window', () => {
  it.each<[string, number, WindowInput['kind'], number, number, number]>([
    ['on time', 0, 'scheduled', 0, 60_000, 60_000],
    ['within the grace', 900, 'scheduled', 0, 60_000, 60_000],
    ['late', 7_000, 'scheduled', 6_000, 66_000, 67_000],
    ['a little early', -200, 'scheduled', 0, 60_000, 60_000],
    ['an idle poll', 20_300, 'idle-poll', 19_300, 60_000, 60_000],
  ])('%s', (_, lateMs, kind, start, end, over) => {
    expect(spanOf({ scheduledAtMs: minute, kind, nowMs: minute + lateMs })).toEqual({
      startAtMs: minute + start,
      endAtMs: minute + end,
      overAtMs: minute + over,
    });
  });

  it('windows that are always late by the same time leave no gap and do not overlap', () => {
    const spans = [0, 1, 2].map((index) => {
      const scheduledAtMs = minute + index * 60_000;
      return spanOf({ scheduledAtMs, kind: 'scheduled', nowMs: scheduledAtMs + 12_345 });
    });
    const [first, next, last] = spans;
    if (typeof first !== 'object' || typeof next !== 'object' || typeof last !== 'object') throw new Error('no span');
    expect([first.endAtMs, next.endAtMs]).toEqual([next.startAtMs, last.startAtMs]);
  });

  it('is none when it is over, or far ahead', () => {
    expect(spanOf({ scheduledAtMs: minute, kind: 'scheduled', nowMs: minute + 60_000 })).toBe('too-late');
    expect(spanOf({ scheduledAtMs: minute, kind: 'scheduled', nowMs: minute - 60_001 })).toBe('too-early');
  });
});

describe('the looks that are left', () => {
  it.each([
    [10, 0, [10, 20, 30, 40, 50]],
    [20, 0, [20, 40]],
    [30, 31, []],
    [10, 45, [50]],
    [60, 0, []],
  ])('every %i s after second %i', (idleSeconds, after, expected) => {
    const looks = remainingIdlePolls(minute + after * 1000, { endAtMs: minute + 60_000 }, idleSeconds);
    expect(looks.map((look) => (look - minute) / 1000)).toEqual(expected);
  });
});

describe("the collector's input", () => {
  const defaults = { kind: 'scheduled', scheduledAtMs: undefined, shard: 0, shards: 1 };

  it.each([undefined, null, {}])('%s is a window from now on', (event) => {
    expect(parseInput(event)).toEqual([defaults]);
  });

  it('comes from the schedule', () => {
    expect(parseInput({ scheduledTime: '2026-11-22T14:05:00Z', shard: 1, shards: 4 })).toEqual([
      { kind: 'scheduled', scheduledAtMs: minute, shard: 1, shards: 4 },
    ]);
  });

  it('comes from the queue', () => {
    const look = { scheduledTime: '2026-11-22T14:05:00.000Z', from: '2026-11-22T14:05:10.000Z', shard: 0, shards: 1 };
    const record = { messageId: '1', body: JSON.stringify(look), eventSource: 'aws:sqs' };

    expect(parseInput({ Records: [record, record] })).toEqual(
      [0, 1].map(() => ({ ...defaults, kind: 'idle-poll', scheduledAtMs: minute, pollAtMs: minute + 10_000 })),
    );
  });

  it.each([
    [{ scheduledTime: 'yesterday' }, /scheduledTime/],
    [{ shard: -1 }, /shard/],
    [{ shard: 4, shards: 4 }, /shard 4 is not below shards 4/],
    [{ shards: 0 }, /shards/],
    ['window', /event/],
    [{ Records: [{ body: '{' }] }, /not JSON/],
    [{ Records: [{ body: '{"shard":"x"}' }] }, /shard/],
  ])('%j is refused by name', (event, message) => {
    expect(() => parseInput(event)).toThrow(message);
  });
});

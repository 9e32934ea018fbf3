import { afterEach, beforeEach, expect, test, vi } from 'vitest';

/** The page's own code, which is JavaScript. */
const source = new URL('../../lambda/console/targets/target-state.js', import.meta.url).href;
const { stateOf } = (await import(source)) as { readonly stateOf: (target: object) => object };

const nowMs = Date.parse('2026-11-22T14:05:40Z');
beforeEach(() => {
  vi.useFakeTimers({ now: nowMs });
});
afterEach(() => {
  vi.useRealTimers();
});

const at = (seconds: number): string => new Date(nowMs + seconds * 1000).toISOString();
const clock = (seconds: number): string =>
  new Date(nowMs + seconds * 1000).toLocaleTimeString(undefined, { timeStyle: 'medium' });
const target = {
  ...{ id: 'shop', project: 'web', enabled: true, sampleSeconds: 10, states: [], tags: {}, headers: [] },
  ...{ source: 'fetch', maxEndpoints: 500 },
};
const underTest = { state: 'running', since: at(-600), run: '20261122T135500Z', userCount: 5 };

test('a run without answers says since when, and when it counts as ended', () => {
  const noAnswer = { since: at(-30), endsAt: at(270) };
  const error = { kind: 'timeout', message: 'It did not answer in time.' };
  const state = stateOf({ ...target, status: { ...underTest, checkedAt: at(0), error, noAnswer } });

  expect(state).toEqual({
    ...{ word: 'no answer', tone: 'trouble', isLive: false, lastSampleAt: at(-30) },
    reason: `No answer since ${clock(-30)}, counts as ended at ${clock(270)}. It did not answer in time.`,
  });
  const idle = stateOf({ ...target, status: { state: 'stopped', since: at(-60), checkedAt: at(0), error } });
  expect(idle).toEqual({ word: 'failing', tone: 'trouble', reason: error.message, isLive: false });
});

test('a Locust that sends its reports, and sends none, says the same', () => {
  const reportedAt = (seconds: number) =>
    stateOf({ ...target, source: 'report', status: { ...underTest, checkedAt: at(seconds) } });

  expect(reportedAt(-29)).toMatchObject({ word: 'running', isLive: true });
  expect(reportedAt(-31)).toEqual({
    ...{ word: 'no report', tone: 'trouble', isLive: false, lastSampleAt: at(-31) },
    reason: `No report since ${clock(-31)}, counts as ended at ${clock(269)}.`,
  });
  expect(reportedAt(-300)).toMatchObject({ word: 'silent', tone: 'trouble' });
});

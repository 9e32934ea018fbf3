import { expect, it } from 'vitest';
import { FillingLimit, limitFilled } from '../../lambda/recording/unseen/limit-filled.ts';
import { unrecordedRun } from '../../lambda/runs/unrecorded-run.ts';

const run = unrecordedRun('20261122T140500Z', { lastGoodAtMs: Date.parse('2026-11-22T14:05:00Z') });
const entries = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    time: '',
    atMs: run.startedAtMs + 5_000 * index,
    userCount: 8,
    currentRps: 20,
    currentFailPerSec: 0,
    avgResponseTime: 12,
    currentPercentiles: [],
  }));

it('of all targets of a window together, no more is filled in than its limit, and each run that has less says so', () => {
  const filling = new FillingLimit(5);
  const step = { run, ended: undefined, wasReset: false };
  const filled = [3, 3, 1].map((count) => limitFilled({ step, missed: entries(count) }, filling));

  expect(filled.map(({ missed }) => missed)).toEqual([entries(3), entries(3).slice(1), []]);
  const [whole, partly, nothing] = filled.map((each) => each.step.run?.notes);
  expect(whole).toBeUndefined();
  expect(partly).toEqual([expect.stringContaining('at most 50,000 points')]);
  expect(nothing).toEqual(partly);
});

it('a run that was over is told as well, and told once', () => {
  const filling = new FillingLimit(0);
  const step = { run: undefined, ended: run, wasReset: false };
  const once = limitFilled({ step, missed: entries(2) }, filling);
  const twice = limitFilled({ step: once.step, missed: entries(2) }, filling);

  expect(once.step.ended?.notes).toHaveLength(1);
  expect(twice.step.ended?.notes).toEqual(once.step.ended?.notes);
});

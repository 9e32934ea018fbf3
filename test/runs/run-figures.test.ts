import { describe, expect, it } from 'vitest';
import type { Report } from '../../lambda/locust/report/report.ts';
import { stepAfter } from '../../lambda/runs/run.ts';
import type { Run } from '../../lambda/runs/run.ts';
import { answer, reportOf } from '../support/locust/report-text.ts';

const lostAfterMs = 300_000;
const start = Date.parse('2026-11-22T14:05:00Z');
const withUsers = (userCount: number | undefined): Report => reportOf(answer({ user_count: userCount }));

/** The run after these samples, 10 s apart. */
function runAfter(reports: readonly Report[]): Run | undefined {
  return reports.reduce<Run | undefined>(
    (run, report, index) => stepAfter(run, { atMs: start + index * 10_000, report, sampleSeconds: 10 }).run,
    undefined,
  );
}

describe('what is kept of a run', () => {
  it.each([
    ['grow, then fall', [5, 9, 3], 9],
    ['fall from the start', [8, 2, 1], 8],
    ['are missing at times', [4, undefined, 6, undefined], 6],
    ['are always missing', [undefined, undefined], 0],
  ])('its peak is the most users of any sample, where they %s', (_, users, peak) => {
    const run = runAfter(users.map(withUsers));

    expect(run?.peakUsers).toBe(peak);
    expect(run?.timeline.map(([, count]) => count)).toEqual(users.map((each) => each ?? null));
  });

  it('it is lost the instant five minutes are over, not a moment before', () => {
    const run = runAfter([withUsers(5)]);
    const after = (elapsedMs: number) =>
      stepAfter(run, { atMs: start + elapsedMs, report: undefined, sampleSeconds: 10 }).ended?.ended;

    expect(after(lostAfterMs - 1)).toBeUndefined();
    expect(after(lostAfterMs)).toEqual({ atMs: start, outcome: 'lost' });
  });
});

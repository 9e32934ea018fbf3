import { expect, it } from 'vitest';
import type { EndpointRow } from '../../../lambda/locust/report/report.ts';
import { parseCriterion } from '../../../lambda/runs/criteria/criterion.ts';
import { judgeRun } from '../../../lambda/runs/criteria/judge-run.ts';

/** DynamoDB's limit for a run's item is four times that. */
const roomBytes = 100_000;

const noFigures = {
  numFailures: 0,
  avgResponseTime: 1,
  minResponseTime: 1,
  maxResponseTime: 1,
  medianResponseTime: 1,
  avgContentLength: 1,
  currentRps: undefined,
  currentFailPerSec: undefined,
};

it('a verdict fits into a record, whatever is asked of however many endpoints with whatever names', () => {
  const long = '\u{1d11e}'.repeat(250);
  const rows = (p95: number): EndpointRow[] =>
    Array.from({ length: 1_200 }, (_, index) => ({
      method: 'GET',
      name: `${index}${long}`,
      numRequests: 1_000,
      percentiles: [{ label: '95', value: p95 }],
      ...noFigures,
    }));
  const figuresOf = (p95: number) => {
    const endpoints = rows(p95);
    const [total] = endpoints;
    if (total === undefined) throw new Error('no endpoint');
    return { total, endpoints, countedMs: 60_000 };
  };
  const criteria = Array.from({ length: 50 }, (_, index) => {
    const parsed = parseCriterion(index === 0 ? `${'\u{1d11e}'.repeat(180)} p95 < 1 s` : '* p95 < baseline + 1 ms');
    if (!parsed.ok) throw new Error(parsed.problem);
    return parsed.criterion;
  });

  const run = { ...figuresOf(500), outcome: 'finished' as const, tally: undefined };
  const verdict = judgeRun(run, criteria, { ...figuresOf(5), run: '20261101T100000Z' });

  expect(verdict.result).toBe('failed');
  expect(Buffer.byteLength(JSON.stringify(verdict))).toBeLessThan(roomBytes);
});

import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { EndpointRow, RowFigures } from '../../../lambda/locust/report/report.ts';
import { parseCriterion } from '../../../lambda/runs/criteria/criterion.ts';
import type { Criterion } from '../../../lambda/runs/criteria/criterion.ts';
import { judgeRun } from '../../../lambda/runs/criteria/judge-run.ts';
import type { Tally } from '../../../lambda/runs/tally.ts';

const criteriaOf = (...texts: readonly string[]): Criterion[] =>
  texts.map((text) => {
    const parsed = parseCriterion(text);
    if (!parsed.ok) throw new Error(parsed.problem);
    return parsed.criterion;
  });

function figures(given: {
  requests?: number;
  failures?: number;
  p95?: number;
  p99?: number;
  avg?: number;
}): RowFigures {
  const { requests = 10_000, failures = 0, p95 = 200, p99 = 400, avg = 90 } = given;
  return {
    numRequests: requests,
    numFailures: failures,
    avgResponseTime: avg,
    minResponseTime: 3,
    maxResponseTime: 900,
    medianResponseTime: 80,
    avgContentLength: 1_000,
    currentRps: undefined,
    currentFailPerSec: undefined,
    percentiles: [
      { label: '95', value: p95 },
      { label: '99', value: p99 },
      { label: '99_9', value: 700 },
    ],
  };
}

const row = (method: string, name: string, given: Parameters<typeof figures>[0]): EndpointRow => ({
  method,
  name,
  ...figures(given),
});

type Judged = Parameters<typeof judgeRun>[0];

const runOf = (given: Partial<Judged> & { readonly row?: Parameters<typeof figures>[0] }): Judged => ({
  outcome: 'finished',
  tally: { samples: 60, failed: 0, overloaded: 0, withoutWorker: 0 },
  total: figures(given.row ?? {}),
  endpoints: [row('GET', '/pay', given.row ?? {}), row('POST', '/pay', {}), row('GET', '/', {})],
  countedMs: 100_000,
  ...given,
});

const verdictOf = (run: Judged, criterion: string, baseline?: Judged) =>
  judgeRun(run, criteriaOf(criterion), baseline && { ...baseline, run: '20261101T100000Z' });

describe('a criterion', () => {
  test.each([
    ['p95 < 500 ms', 'passed', 'p95 was 200 ms, below 500 ms.'],
    ['p95 < 200 ms', 'failed', 'p95 was 200 ms, not below 200 ms.'],
    ['p95 <= 0.2 s', 'passed', 'p95 was 200 ms, at most 200 ms.'],
    ['GET /pay p99 < 0.3 s', 'failed', 'p99 of GET /pay was 400 ms, not below 300 ms.'],
    ['rps > 50', 'passed', 'rps was 100/s, above 50/s.'],
    ['rps > 100', 'failed', 'rps was 100/s, not above 100/s.'],
    ['fail_ratio < 1 %', 'passed', 'fail_ratio was 0 %, below 1 %.'],
    ['num_requests > 1000', 'passed', 'num_requests was 10000, above 1000.'],
    ['* avg < 100 ms', 'passed', 'It holds for all 3 endpoints.'],
    ['* avg < 90 ms', 'failed', 'avg of GET /pay was 90 ms, not below 90 ms.'],
    ['p99.9 < 0.6 s', 'failed', 'p99.9 was 700 ms, not below 600 ms.'],
    ['p99.99 < 1 s', 'unsure', 'Locust did not say p99.99.'],
    ['GET /cart p95 < 1 s', 'unsure', 'GET /cart is not among the endpoints of this run.'],
  ])('%s: %s', (criterion, result, text) => {
    const verdict = verdictOf(runOf({}), criterion);
    expect(verdict).toMatchObject({ result, doubts: [] });
    expect(verdict.rules[0]?.text).toBe(text);
  });

  it('that names an endpoint without its method is about each of that name', () => {
    const { rules } = verdictOf(runOf({}), '/pay avg < 50 ms');
    expect(rules.map(({ text }) => text)).toEqual([
      'avg of GET /pay was 90 ms, not below 50 ms.',
      'avg of POST /pay was 90 ms, not below 50 ms.',
    ]);
  });

  it('names twenty endpoints of a thousand at most, the failed ones first', () => {
    const endpoints = Array.from({ length: 1_000 }, (_, index) =>
      row('GET', `/${index}`, { avg: index === 499 ? 500 : 90, p95: 300 }),
    );
    const few = endpoints.map((each, index) => (index < 30 ? { ...each, numRequests: 3 } : each));
    const { rules, result } = verdictOf(runOf({ endpoints: few }), '* p95 < 250 ms');
    expect(result).toBe('failed');
    expect(rules).toHaveLength(21);
    expect(rules.at(-1)?.text).toBe('And for 480 more endpoints.');
    expect(rules[0]?.result).toBe('failed');
  });

  it('about a percentile is unsure of too few requests', () => {
    expect(verdictOf(runOf({ row: { requests: 99 } }), 'p95 < 500 ms')).toMatchObject({ result: 'unsure' });
    expect(verdictOf(runOf({ row: { requests: 100 } }), 'p95 < 500 ms')).toMatchObject({ result: 'passed' });
    expect(verdictOf(runOf({ row: { requests: 499 } }), 'p99 < 500 ms').rules[0]?.text).toBe(
      'p99 was 400 ms, but of 499 requests: 500 are needed.',
    );
  });
});

describe('against a baseline', () => {
  const baseline = runOf({});

  test.each([
    ['p95 < baseline + 10 %', { p95: 210 }, 'passed'],
    ['p95 < baseline + 10 %', { p95: 220 }, 'failed'],
    ['p95 < baseline + 10 %', { p95: 260 }, 'failed'],
    // One step of Locust's rounding is no difference, even where less is asked for.
    ['p95 < baseline + 1 %', { p95: 210 }, 'passed'],
    ['p95 < baseline + 1 %', { p95: 220 }, 'failed'],
    ['p95 <= baseline', { p95: 200 }, 'passed'],
    ['p95 < baseline', { p95: 200 }, 'passed'],
    // Who asks for better is not helped by chance.
    ['p95 < baseline - 10 %', { p95: 190 }, 'failed'],
    ['p95 < baseline - 10 %', { p95: 170 }, 'passed'],
    ['fail_ratio < baseline + 1 %', { failures: 99 }, 'passed'],
    ['fail_ratio < baseline + 1 %', { failures: 150 }, 'failed'],
    ['fail_ratio <= baseline', { failures: 1 }, 'passed'],
    ['fail_ratio <= baseline', { failures: 50 }, 'failed'],
    ['rps > baseline - 5 %', { requests: 9_600 }, 'passed'],
    ['rps > baseline - 5 %', { requests: 9_400 }, 'failed'],
    ['GET /pay p95 < baseline + 30 %', { p95: 280 }, 'failed'],
  ] as const)('%s of %j: %s', (criterion, given, result) => {
    const verdict = verdictOf(runOf({ row: given }), criterion, baseline);
    expect(verdict, verdict.rules[0]?.text).toMatchObject({ result, baseline: '20261101T100000Z' });
  });

  it('the first run passes: there is nothing to compare it with yet', () => {
    expect(verdictOf(runOf({}), 'p95 < baseline + 10 %')).toMatchObject({ result: 'passed' });
    const { rules } = verdictOf(runOf({}), 'GET /pay p95 < baseline + 10 %', { ...baseline, endpoints: [] });
    expect(rules[0]).toMatchObject({ result: 'passed', text: expect.stringContaining('nothing to compare') as string });
  });
});

describe('a run that cannot be trusted is unsure, never passed', () => {
  const tally = (given: Partial<Tally>): Tally => ({
    samples: 60,
    failed: 0,
    overloaded: 0,
    withoutWorker: 0,
    ...given,
  });

  test.each<[string, Partial<Judged>]>([
    ['The run was lost: how its test ended is not known.', { outcome: 'lost' }],
    ["Its Locust exited: the figures are those of the last sample, not the test's last.", { outcome: 'ended' }],
    ['7 of 60 samples were missed.', { tally: tally({ failed: 7 }) }],
    [
      "A worker's CPU was above 90 % in 7 of 60 samples: Locust measured itself too.",
      { tally: tally({ overloaded: 7 }) },
    ],
    ['A worker was missing in 1 of 60 samples.', { tally: tally({ withoutWorker: 1 }) }],
    ['No request was made.', { total: figures({ requests: 0 }) }],
  ])('%s', (doubt, given) => {
    expect(verdictOf(runOf(given), 'avg < 500 ms')).toMatchObject({ result: 'unsure', doubts: [doubt] });
  });

  it('but what failed has failed', () => {
    expect(verdictOf(runOf({ outcome: 'lost' }), 'avg < 50 ms')).toMatchObject({ result: 'failed' });
  });

  it('a sample in ten that fails is no doubt', () => {
    expect(verdictOf(runOf({ tally: tally({ failed: 6 }) }), 'avg < 500 ms')).toMatchObject({ result: 'passed' });
  });
});

it('a worse figure never turns failed into passed', () => {
  const rank = { failed: 0, unsure: 1, passed: 2 };
  const time = fc.integer({ min: 1, max: 20_000 });
  const criterion = fc.constantFrom(
    'p95 < 500 ms',
    'p95 < baseline',
    'p95 <= baseline + 3 %',
    'p95 < baseline - 20 %',
    'GET /pay p95 < baseline + 50 ms',
    '* p95 < 2 s',
  );
  fc.assert(
    fc.property(criterion, time, time, time, fc.integer({ min: 1, max: 5_000 }), (text, one, other, base, requests) => {
      const [better, worse] = [Math.min(one, other), Math.max(one, other)];
      const baseline = runOf({ row: { p95: base } });
      const [ofBetter, ofWorse] = [better, worse].map((p95) =>
        verdictOf(runOf({ row: { p95, requests } }), text, baseline),
      );
      expect(rank[ofWorse?.result ?? 'passed']).toBeLessThanOrEqual(rank[ofBetter?.result ?? 'failed']);
    }),
    { numRuns: 3_000 },
  );
  fc.assert(
    fc.property(
      fc.constantFrom('fail_ratio < 1 %', 'fail_ratio <= baseline', 'fail_ratio < baseline + 2 %'),
      fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 3, maxLength: 3 }),
      (text, [one = 0, other = 0, base = 0]) => {
        const baseline = runOf({ row: { failures: base, requests: 1_000 } });
        const judged = [Math.min(one, other), Math.max(one, other)].map((failures) =>
          verdictOf(runOf({ row: { failures, requests: 1_000 } }), text, baseline),
        );
        expect(rank[judged[1]?.result ?? 'passed']).toBeLessThanOrEqual(rank[judged[0]?.result ?? 'failed']);
      },
    ),
    { numRuns: 3_000 },
  );
});

import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { formatCriterion, maxCriterionLength, parseCriterion } from '../../../lambda/runs/criteria/criterion.ts';
import type { Criterion, Limit } from '../../../lambda/runs/criteria/criterion.ts';

const fixed = (value: number): Limit => ({ kind: 'fixed', value });
const baseline = (added: number, isPercent: boolean): Limit => ({ kind: 'baseline', added, isPercent });

describe('a criterion', () => {
  test.each<[string, Partial<Criterion>]>([
    ['p95 < 500 ms', { figure: 'p95', operator: '<', limit: fixed(500) }],
    ['p95<500', { figure: 'p95', operator: '<', limit: fixed(500) }],
    ['GET /pay p99 < 2 s', { endpoint: 'GET /pay', figure: 'p99', limit: fixed(2000) }],
    ['p99.9 <= 1.001 s', { figure: 'p99.9', operator: '<=', limit: fixed(1001) }],
    ['fail_ratio < 1 %', { figure: 'fail_ratio', limit: fixed(1) }],
    ['fail_ratio <= 0.1%', { figure: 'fail_ratio', operator: '<=', limit: fixed(0.1) }],
    ['rps > 50', { figure: 'rps', operator: '>', limit: fixed(50) }],
    ['rps >= 50/s', { figure: 'rps', operator: '>=', limit: fixed(50) }],
    ['num_requests > 1000', { figure: 'num_requests', limit: fixed(1000) }],
    ['p95 < baseline + 10 %', { figure: 'p95', limit: baseline(10, true) }],
    ['p95 <= baseline', { figure: 'p95', limit: baseline(0, false) }],
    ['rps > baseline - 5%', { figure: 'rps', limit: baseline(-5, true) }],
    ['avg < baseline + 0.02 s', { figure: 'avg', limit: baseline(20, false) }],
    ['fail_ratio < baseline + 1 %', { figure: 'fail_ratio', limit: baseline(1, false) }],
    ['* max < 3 s', { endpoint: '*', figure: 'max', limit: fixed(3000) }],
    ['GET /a < b p95 < 5 ms', { endpoint: 'GET /a < b', figure: 'p95', limit: fixed(5) }],
    ['  /search?q=[text]   median  <  80ms ', { endpoint: '/search?q=[text]', figure: 'median', limit: fixed(80) }],
  ])('%s is read', (text, expected) => {
    expect(parseCriterion(text)).toMatchObject({ ok: true, criterion: expected });
  });

  test.each([
    ['', /needs a figure, one of < <= > >=, and a limit/],
    ['p95', /needs a figure, one of/],
    ['p95 = 500 ms', /needs a figure, one of/],
    ['p95 <', /"" is no limit: 500 ms or 2 s, or baseline \+ 10 %/],
    ['< 500 ms', /names no figure before </],
    ['GET /pay p95th < 5 ms', /"p95th" is no figure: p95 \(or another percentile\), median, avg,/],
    ['constructor < 5', /"constructor" is no figure/],
    ['p100 < 5', /"p100" is no figure/],
    ['p95 < 500 m', /"m" is no unit of this figure: 500 ms or 2 s/],
    ['p95 < 5 %', /"%" is no unit of this figure/],
    ['fail_ratio < 0.01', /needs a unit: 1 %/],
    ['num_requests > 10 /s', /"\/s" is no unit of this figure: 1000/],
    ['p95 < -5 ms', /"-5 ms" is no limit/],
    ['p95 < 1e3', /"e3" is no unit/],
    ['p95 < base + 10 %', /"base \+ 10 %" is no limit/],
    ['p95 < baseline + 10 x', /"x" is no unit/],
    ['x'.repeat(maxCriterionLength + 1), /is longer than 400 characters/],
  ])('%j is refused, and it is said why', (text, problem) => {
    const parsed = parseCriterion(text);
    expect(parsed.ok ? '' : parsed.problem).toMatch(problem);
  });

  const decimal = fc.integer({ min: 0, max: 999_999_999 }).map((value) => value / 1000);
  const figures = ['p50', 'p95', 'p99.9', 'median', 'avg', 'min', 'max', 'fail_ratio', 'num_requests', 'rps'];
  const isFigureLike = /^(.*\s)?(p\d|median|avg|min|max|fail_ratio|num_|rps|failures_per_s)/s;
  const endpoint = fc
    .stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/)
    .map((text) => text.replace(/\s+/g, ' '))
    .filter((text) => !isFigureLike.test(text));
  const arbitrary: fc.Arbitrary<Criterion> = fc
    .record({
      endpoint: fc.option(endpoint, { nil: undefined }),
      figure: fc.constantFrom(...figures),
      operator: fc.constantFrom('<', '<=', '>', '>=' as const),
      limit: fc.oneof(
        decimal.map(fixed),
        fc
          .tuple(decimal, fc.boolean(), fc.boolean())
          .map(([size, isLess, isPercent]) => baseline(isLess && size > 0 ? -size : size, isPercent)),
      ),
    })
    .map((criterion) => criterion as Criterion)
    .filter(({ figure, limit }) => !(figure === 'fail_ratio' && limit.kind === 'baseline' && limit.isPercent));

  it('is written so that it is read as the same', () => {
    fc.assert(
      fc.property(arbitrary, (criterion) => {
        expect(parseCriterion(formatCriterion(criterion))).toEqual({ ok: true, criterion });
      }),
      { numRuns: 2_000 },
    );
  });

  it('never takes long or throws, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 500, unit: fc.constantFrom('p', '9', ' ', '<', '=', '+', '%', 's', '\n') }),
        (text) => {
          expect(typeof parseCriterion(text).ok).toBe('boolean');
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { reportPoints } from '../../../lambda/influx/points/points.ts';
import { storedPoints } from '../../support/influx/stored-points.ts';
import type { StoredPoint } from '../../support/influx/stored-points.ts';
import { answer, reportOf } from '../../support/locust/report-text.ts';

const series = { project: 'web', target: 'shop', run: '20261122T140500Z', tags: {} };

function endpointsOf(stats: readonly object[], maxEndpoints = 500): readonly StoredPoint[] {
  const report = reportOf(answer({ stats }));
  const points = storedPoints(
    reportPoints({ report, series, instantMs: 1_795_356_310_000, maxEndpoints, maxErrors: 50 }),
  );
  return points.filter(({ measurement }) => measurement === 'locust_endpoint');
}

const named = (name: string) => (point: StoredPoint) => point.tags['name'] === name;
const sumOf = (points: readonly StoredPoint[], field: string): number =>
  points.reduce((sum, { fields }) => sum + Number(fields[field] ?? 0), 0);
/** What Locust sends of a test that has as many endpoints as counts: 500 rows, sorted by name, and the total of all. */
function statsOf(counts: readonly number[], rowsSent = 500): readonly object[] {
  const rowOf = (name: string, requests: number) => ({
    ...{ method: 'GET', name, num_requests: requests, num_failures: Math.floor(requests / 10) },
    ...{ avg_response_time: 20, current_rps: requests / 100, current_fail_per_sec: 0 },
  });
  const rows = counts.map((count, index) => rowOf(`/item/${index}`, count));
  const failures = rows.reduce((sum, row) => sum + row.num_failures, 0);
  const total = rowOf(
    'Aggregated',
    counts.reduce((sum, count) => sum + count, 0),
  );
  return [...rows.slice(0, rowsSent), { ...total, method: '', num_failures: failures }];
}

test('what Locust does not send is in (other), so that the sum over endpoints is the total', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(1_000), { minLength: 500, maxLength: 900 }),
      fc.integer({ min: 1, max: 600 }),
      (counts, max) => {
        const stats = statsOf(counts);
        const points = endpointsOf(stats, max);
        const total = stats.at(-1) as Record<string, number>;

        expect(sumOf(points, 'num_requests')).toBe(total['num_requests']);
        expect(sumOf(points, 'num_failures')).toBe(total['num_failures']);
        expect(sumOf(points, 'response_time_sum')).toBeCloseTo((total['num_requests'] ?? 0) * 20, 3);
        expect(sumOf(points, 'current_rps')).toBeCloseTo(total['current_rps'] ?? 0, 3);
        expect(points.filter(named('(other)')).length).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 40 },
  );
});

test('500 endpoints that are all of them have no (other)', () => {
  expect(endpointsOf(statsOf(Array.from({ length: 500 }, () => 3))).filter(named('(other)'))).toEqual([]);
});

test('a total that says less than its rows makes no (other)', () => {
  const [total, ...rows] = statsOf(Array.from({ length: 500 }, () => 3)).toReversed();

  expect(endpointsOf([...rows, { ...total, num_requests: 7 }]).filter(named('(other)'))).toEqual([]);
});

test('where the total is not known, the rows beyond the limit are summed', () => {
  const rows = statsOf(Array.from({ length: 500 }, () => 3)).slice(0, -1);

  expect(endpointsOf(rows, 499).filter(named('(other)'))).toMatchObject([{ fields: { num_requests: 3n } }]);
});

import { expect, test } from 'vitest';
import { reportPoints } from '../../../lambda/influx/points/points.ts';
import type { ErrorRow } from '../../../lambda/locust/report/report.ts';
import { emptyReport } from '../../support/locust/arbitrary-report.ts';
import { storedPoints, type StoredPoint } from '../../support/influx/stored-points.ts';

const series = { project: 'web', target: 'shop', run: '20261122T140500Z', tags: {} };

function stored(errors: readonly ErrorRow[], maxErrors = 50): readonly StoredPoint[] {
  const sample = { report: { ...emptyReport, errors }, series, instantMs: 1_795_356_310_000 };
  const points = storedPoints(reportPoints({ ...sample, maxEndpoints: 500, maxErrors }));
  return points.filter(({ measurement }) => measurement === 'locust_error');
}

function error(text: string, occurrences: number | undefined, name = '/cart'): ErrorRow {
  return { method: 'GET', name, error: text, occurrences };
}

test('errors that differ only in what varies are one, with the text that came most often', () => {
  const errors = [error('order 1 failed', 2), error('order 22 failed', 5), error('order 3 failed', undefined)];

  expect(stored(errors)).toMatchObject([
    { tags: { error: 'order * failed' }, fields: { occurrences: 7n, message: 'order 22 failed' } },
  ]);
});

test.each([
  [50, 55n],
  [59, 1n],
  [1, 1770n],
])('the %i errors with the most occurrences are written, and the sum of the rest', (maxErrors, occurrences) => {
  const errors = Array.from({ length: 60 }, (_, index) => error('x', index + 1, `/${index + 1}`));

  const points = stored(errors, maxErrors);

  expect(points).toHaveLength(maxErrors + 1);
  expect(points[0]).toMatchObject({ tags: { name: '/60' }, fields: { occurrences: 60n } });
  expect(points.at(-1)).toMatchObject({ tags: { name: '(other)', error: '(other)' }, fields: { occurrences } });
});

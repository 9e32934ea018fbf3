import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Point } from '../../../lambda/influx/points/point.ts';
import { toLine } from '../../../lambda/influx/points/line-protocol.ts';
import { runPoints } from '../../../lambda/influx/points/run-points.ts';
import { eventPoint, reportPoints, scrapePoint } from '../../../lambda/influx/points/points.ts';
import { resultOf } from '../../../lambda/runs/records/run-result.ts';
import type { Verdict } from '../../../lambda/runs/criteria/verdict.ts';
import type { Run, RunEnd } from '../../../lambda/runs/run.ts';
import type { Report, RowFigures } from '../../../lambda/locust/report/report.ts';
import { emptyReport, emptyRow } from '../../support/locust/arbitrary-report.ts';

const readme = readFileSync(new URL('../../../lambda/influx/README.md', import.meta.url), 'utf8').replace(/\s+/g, ' ');
const series = { project: 'web', target: 'shop', run: '20261122T140500Z', tags: {} };
const instantMs = 1_795_356_310_000;

const figures: RowFigures = {
  numRequests: 200,
  numFailures: 50,
  avgResponseTime: 12.5,
  minResponseTime: 2,
  maxResponseTime: 48,
  medianResponseTime: 8,
  avgContentLength: 1564.7,
  currentRps: 1,
  currentFailPerSec: 1,
  percentiles: [
    { label: '95', value: 36 },
    { label: '99', value: 40 },
  ],
};

/** The lines of a run with two samples, as today's Locust answers. */
function linesOfRun(has: { endpoints: number; errors: number; workers: number }): readonly string[] {
  const many = <Item>(count: number, make: (index: number) => Item): readonly Item[] =>
    Array.from({ length: count }, (_, index) => make(index));
  const report: Report = {
    ...emptyReport,
    state: 'running',
    userCount: 10,
    workerCount: has.workers,
    failRatio: 0.25,
    total: { ...emptyRow(), ...figures },
    currentPercentiles: [
      { label: '50', value: 8 },
      { label: '95', value: 36 },
    ],
    endpoints: many(has.endpoints, (index) => ({ ...emptyRow(), ...figures, method: 'GET', name: `/${index}` })),
    errors: many(has.errors, (index) => ({
      ...{ method: 'GET', name: `/e${'x'.repeat(index)}` },
      error: 'no',
      occurrences: 1,
    })),
    workers: many(has.workers, (index) => ({
      ...{ id: `w${index}`, state: 'running', userCount: 1 },
      cpuUsage: 1,
      memoryUsage: 1,
    })),
  };
  const samples = [instantMs, instantMs + 10_000].flatMap((atMs) => [
    ...reportPoints({ report, series, instantMs: atMs, maxEndpoints: 500, maxErrors: 50 }),
    scrapePoint({ series, instantMs: atMs, up: true, durationMs: 1, sizeBytes: 1, state: 'running' }),
  ]);
  const events = (['start', 'stop'] as const).map((event) => eventPoint({ series, instantMs, event, text: 'x' }));
  return [...samples, ...events, ...endOf(report)].map((point) => toLine(point) ?? '');
}

function endOf(report: Report): readonly Point[] {
  const verdict: Verdict = { result: 'passed', rules: [], doubts: [] };
  const end: RunEnd = { atMs: instantMs, outcome: 'finished', verdict };
  const run: Run = {
    ...{ id: series.run, startedAtMs: instantMs, lastGoodAtMs: instantMs, lastState: 'stopped', total: report.total },
    ...{ peakUsers: 10, timeline: [], tally: { samples: 2, failed: 0, overloaded: 0, withoutWorker: 0 }, ended: end },
  };
  return runPoints({ run, end, result: resultOf(report, 1_000), series, maxEndpoints: 500 });
}

const seriesOf = (lines: readonly string[]): Set<string> => new Set(lines.map((line) => line.split(' ')[0] ?? ''));

test.each([
  [{ endpoints: 20, errors: 5, workers: 4 }, 54],
  [{ endpoints: 200, errors: 60, workers: 10 }, 466],
  [{ endpoints: 600, errors: 60, workers: 1_001 }, 501 + 51 + 1_001 + 4 + 502],
])('a run with %j makes as many series as the documents say', (has, count) => {
  expect(seriesOf(linesOfRun(has)).size).toBe(count);
  expect(readme).toContain(count > 1_000 ? '501 + 51 + 1,001 + 4 + 502 = 2,059' : `${count}`);
});

test('the sums of a year are right', () => {
  expect(readme).toContain(`2,500 × 54 = ${(2_500 * 54).toLocaleString('en')} a year`);
  expect(readme).toContain(`466 for a run and ${(2_500 * 466).toLocaleString('en')} a year`);
  expect(readme).toContain(`574 for a run, ${(2_500 * 574).toLocaleString('en')} a year`);
});

test('and where each field counts, so many', () => {
  const lines = linesOfRun({ endpoints: 20, errors: 5, workers: 4 });
  const fields = lines.flatMap((line) => {
    const [tags = '', ...rest] = line.split(' ');
    const names = rest.join(' ').matchAll(/(?:^|,)([a-z_0-9]+)=/g);
    return [...names].map(([, name = '']) => `${tags} ${name}`);
  });
  expect(new Set(fields).size).toBe(574);
});

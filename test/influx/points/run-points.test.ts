import { describe, expect, test } from 'vitest';
import { toLine } from '../../../lambda/influx/points/line-protocol.ts';
import { reopenedRunPoint, runPoints } from '../../../lambda/influx/points/run-points.ts';
import { resultOf } from '../../../lambda/runs/records/run-result.ts';
import type { Run, RunEnd } from '../../../lambda/runs/run.ts';
import type { EndpointRow, RowFigures } from '../../../lambda/locust/report/report.ts';
import { emptyReport, emptyRow } from '../../support/locust/arbitrary-report.ts';

const startedAtMs = Date.parse('2026-11-22T14:05:00Z');
const series = { project: 'web', target: 'shop', run: '20261122T140500Z', host: 'https://a', tags: { env: 'ci' } };
const seriesText = 'env=ci,host=https://a,project=web,run=20261122T140500Z,target=shop';

/** Its last rates and its sum of times are not on record. */
const figures: RowFigures = {
  ...{ numRequests: 200, numFailures: 50, responseTimeSum: 2_400, avgResponseTime: 12.5, minResponseTime: 2 },
  ...{ maxResponseTime: 48, medianResponseTime: 8, avgContentLength: 1564.7, currentRps: 7, currentFailPerSec: 1 },
  percentiles: [
    { label: '95', value: 36 },
    { label: '99_9', value: undefined },
  ],
};
const figuresText =
  'num_requests=200i,num_failures=50i,avg_response_time=12.5,min_response_time=2,max_response_time=48,' +
  'median_response_time=8,avg_content_length=1564.7,response_time_percentile_95=36,fail_ratio=0.25,rps=5,failures_per_s=1.25';

const run: Run = {
  ...{ id: series.run, startedAtMs, beganAtMs: startedAtMs - 2_500, lastGoodAtMs: startedAtMs, lastState: 'stopped' },
  ...{ total: figures, peakUsers: 12, timeline: [], countersAgeMs: 40_000 },
  tally: { samples: 30, failed: 2, overloaded: 0, withoutWorker: 0 },
};
const passed: RunEnd = {
  ...{ atMs: startedAtMs + 300_000, outcome: 'finished' as const },
  verdict: { result: 'passed', rules: [], doubts: [] },
};

function lines(
  of: { readonly end?: RunEnd; readonly run?: Partial<Run>; readonly endpoints?: readonly EndpointRow[] },
  { maxEndpoints = 500, lacksEndpoints = false } = {},
): readonly (string | undefined)[] {
  const { end = passed, endpoints } = of;
  const result = endpoints && resultOf({ ...emptyReport, endpoints, lacksEndpoints }, 40_000);
  return runPoints({ run: { ...run, ...of.run, ended: end }, end, result, series, maxEndpoints }).map(toLine);
}

const endpoint = (name: string, given: Partial<RowFigures> = figures): EndpointRow => ({
  ...{ ...emptyRow(), method: 'GET', name },
  ...given,
});

describe('a run that is over', () => {
  test('is one point at the instant of its start, and one for each of its endpoints, with what is on record', () => {
    expect(lines({ endpoints: [endpoint('/a, b=c'), endpoint('/pay', { numRequests: 3 })] })).toEqual([
      `locust_run,${seriesText} outcome="finished",verdict="passed",started_at=${startedAtMs - 2_500}i,` +
        `ended_at=${startedAtMs + 300_000}i,duration_seconds=302.5,peak_users=12i,samples=30i,samples_failed=2i,` +
        `${figuresText} ${startedAtMs}`,
      `locust_run_endpoint,${seriesText},method=GET,name=/a\\,\\ b\\=c ${figuresText} ${startedAtMs}`,
      `locust_run_endpoint,${seriesText},method=GET,name=/pay num_requests=3i,rps=0.075 ${startedAtMs}`,
    ]);
  });

  test('has no endpoints where nobody knows them, and no verdict where nothing was asked of it', () => {
    const lost = lines({ end: { atMs: startedAtMs, outcome: 'lost' }, run: { tally: undefined, total: emptyRow() } });
    expect(lost).toEqual([
      `locust_run,${seriesText} outcome="lost",started_at=${startedAtMs - 2_500}i,ended_at=${startedAtMs}i,` +
        `duration_seconds=2.5,peak_users=12i ${startedAtMs}`,
    ]);
  });

  test('has as many endpoints as its target stores, and the rest in (other)', () => {
    const endpoints = [9, 1, 5, 3].map((numRequests, index) => endpoint(`/${index}`, { numRequests }));
    const rest = (requests: number): string =>
      `locust_run_endpoint,${seriesText},name=(other) num_requests=${requests}i ${startedAtMs}`;
    expect(lines({ endpoints }, { maxEndpoints: 2 }).at(-1)).toBe(rest(4));
    const ofAll = { endpoints, run: { total: { ...emptyRow(), numRequests: 100 } } };
    expect(lines(ofAll, { maxEndpoints: 2, lacksEndpoints: true }).at(-1)).toBe(rest(86));
  });

  test('says so no longer when it goes on after all', () => {
    const end: RunEnd = { ...passed, outcome: 'lost' };
    expect(toLine(reopenedRunPoint({ ...run, ended: end }, series))).toBe(
      `locust_run,${seriesText} outcome="under way",verdict="" ${startedAtMs}`,
    );
  });
});

import { expect, test } from 'vitest';
import { toLine } from '../../../lambda/influx/points/line-protocol.ts';
import { eventPoint, reportPoints, scrapePoint } from '../../../lambda/influx/points/points.ts';
import type { EndpointRow, ErrorRow, Report, RowFigures } from '../../../lambda/locust/report/report.ts';
import { emptyReport, emptyRow } from '../../support/locust/arbitrary-report.ts';
import { storedPoints, type StoredPoint } from '../../support/influx/stored-points.ts';

const series = { project: 'web', target: 'shop', run: '20261122T140500Z', tags: { zone: 'b', env: 'staging' } };
const instantMs = 1_795_356_310_000;

function lines(report: Partial<Report>, maxEndpoints = 500): readonly (string | undefined)[] {
  return reportPoints({ report: { ...emptyReport, ...report }, series, instantMs, maxEndpoints, maxErrors: 50 }).map(
    toLine,
  );
}

function stored(measurement: string, report: Partial<Report>, maxEndpoints = 500): readonly StoredPoint[] {
  const limits = { maxEndpoints, maxErrors: 50 };
  const points = reportPoints({ report: { ...emptyReport, ...report }, series, instantMs, ...limits });
  return storedPoints(points).filter((point) => point.measurement === measurement);
}

function endpoint(name: string, figures: Partial<RowFigures> = { numRequests: 1 }, method = 'GET'): EndpointRow {
  return { ...emptyRow(), method, name, ...figures };
}

function error(text: string, occurrences: number | undefined, name = '/cart'): ErrorRow {
  return { method: 'GET', name, error: text, occurrences };
}

const row: RowFigures = {
  numRequests: 200,
  numFailures: 50,
  avgResponseTime: 12.5,
  minResponseTime: 2,
  maxResponseTime: 48,
  medianResponseTime: 8,
  avgContentLength: 1564.7,
  currentRps: 0,
  currentFailPerSec: 1e-7,
  percentiles: [
    { label: '95', value: 36 },
    { label: '99_9', value: undefined },
  ],
};
const rowText =
  'num_requests=200i,num_failures=50i,response_time_sum=2500,current_rps=0,current_fail_per_sec=1e-7,' +
  'avg_response_time=12.5,min_response_time=2,max_response_time=48,median_response_time=8,avg_content_length=1564.7,' +
  'response_time_percentile_95=36';
const sinceStart = 'started_at=1795356300000i,seconds_since_start=10i';
const seriesText = 'env=staging,project=web,run=20261122T140500Z,target=shop,zone=b';

test('a report is written as its total, its endpoints, its errors and its workers', () => {
  const report: Report = {
    state: 'running',
    userCount: 10,
    total: row,
    failRatio: 0.25,
    currentPercentiles: [{ label: '50', value: 8 }],
    endpoints: [{ method: 'GET', name: '/a, b=c', ...row }],
    errors: [error('HTTPError("500 Server Error")', 50)],
    workers: [{ id: 'vm_1', state: 'running', userCount: 5, cpuUsage: 2, memoryUsage: 1024 }],
    otherWorkers: undefined,
    countersAgeMs: undefined,
    workerCount: 1,
    truncated: false,
    lacksEndpoints: false,
    badRows: 0,
    notices: [],
  };

  expect(lines(report)).toEqual([
    `locust_total,${seriesText} state="running",user_count=10i,${rowText},fail_ratio=0.25,` +
      `current_response_time_percentile_50=8,worker_count=1i,endpoint_count=1i,truncated=false,${sinceStart} ${instantMs}`,
    `locust_endpoint,${seriesText},method=GET,name=/a\\,\\ b\\=c ${rowText},fail_ratio=0.25 ${instantMs}`,
    `locust_error,${seriesText},method=GET,name=/cart,error=HTTPError("500\\ Server\\ Error") ` +
      `occurrences=50i,message="HTTPError(\\"500 Server Error\\")" ${instantMs}`,
    `locust_worker,${seriesText},worker=vm_1 state="running",user_count=5i,cpu_usage=2,memory_usage=1024i ${instantMs}`,
  ]);
});

test('what Locust does not say is left out, and a row that says nothing is not written', () => {
  expect(lines({ endpoints: [endpoint('/a', {})] })).toEqual([
    `locust_total,${seriesText} state="running",endpoint_count=1i,truncated=false,${sinceStart} ${instantMs}`,
    undefined,
  ]);
});

test('a sum of response times that is given counts, not one out of the mean of those that have a time', () => {
  const rows = [endpoint('/a', { ...row, responseTimeSum: 1_000 }), endpoint('/b', row)];

  expect(stored('locust_endpoint', { endpoints: rows }).map(({ fields }) => fields['response_time_sum'])).toEqual([
    1_000, 2_500,
  ]);
});

test('an endpoint without requests has no fail ratio, and one without a method no method', () => {
  const [point] = stored('locust_endpoint', { endpoints: [endpoint('/a', { numRequests: 0, numFailures: 0 }, '')] });

  expect(point?.fields).toEqual({ num_requests: 0n, num_failures: 0n });
  expect(point?.tags).not.toHaveProperty('method');
});

test('endpoints beyond the limit are summed, the largest ones stay, and all are counted', () => {
  const sizes = [5, 900, 1, 40, 3];
  const endpoints = sizes.map((numRequests) => endpoint(`/${numRequests}`, { ...row, numRequests }));

  expect(stored('locust_endpoint', { endpoints }, 2).map(({ tags, fields }) => [tags, fields['num_requests']])).toEqual(
    [
      [expect.objectContaining({ name: '/900' }), 900n],
      [expect.objectContaining({ name: '/40' }), 40n],
      [expect.not.objectContaining({ method: expect.anything() as unknown }), 9n],
    ],
  );
  expect(stored('locust_endpoint', { endpoints }, 2)[2]).toMatchObject({
    tags: { name: '(other)' },
    fields: {
      num_requests: 9n,
      num_failures: 150n,
      response_time_sum: 9 * 12.5,
      current_rps: 0,
      current_fail_per_sec: 3e-7,
    },
  });
  expect(Object.keys(stored('locust_endpoint', { endpoints }, 2)[2]?.fields ?? {})).toHaveLength(5);
  expect(stored('locust_total', { endpoints }, 2)[0]?.fields).toMatchObject({ endpoint_count: 5n });
});

test('of what is summed, figures that are none are left out', () => {
  const endpoints = [5, -3, 1.5, NaN, undefined].map((numRequests) => endpoint(`/${numRequests}`, { numRequests }));

  expect(stored('locust_endpoint', { endpoints }, 0).map(({ fields }) => fields)).toEqual([{ num_requests: 5n }]);
});

test('of two rows for one endpoint the first counts', () => {
  const endpoints = [endpoint('/a', { numRequests: 7 }), endpoint('/a', { numRequests: 9 })];

  expect(stored('locust_endpoint', { endpoints })).toMatchObject([{ fields: { num_requests: 7n } }]);
  expect(stored('locust_total', { endpoints })[0]?.fields).toMatchObject({ endpoint_count: 1n });
});

test('endpoints that a line cannot tell apart keep names of their own, the same in each sample', () => {
  const names = (endpoints: readonly EndpointRow[]): unknown[] =>
    stored('locust_endpoint', { endpoints }).map(({ tags }) => tags['name']);
  const [first, second] = names([endpoint('a\nb'), endpoint('a\tb')]);

  expect(first).toBe('a b');
  expect(second).toMatch(/^a b~[0-9a-f]{8}$/);
  expect(names([endpoint('a\nb', { numRequests: 2 }), endpoint('a\tb', { numRequests: 3 })])).toEqual([first, second]);
  const limited = { endpoints: [endpoint('a\nb', { numRequests: 2 }), endpoint('a\tb', { numRequests: 3 })] };
  expect(stored('locust_endpoint', limited, 1)[0]?.tags['name']).toBe(second);
});

test('an endpoint that is really called (other) is not mistaken for the rest', () => {
  const endpoints = [endpoint('(other)', { numRequests: 9 }, ''), endpoint('/a', { numRequests: 1 })];

  expect(stored('locust_endpoint', { endpoints }, 1).map(({ tags }) => tags['name'])).toEqual([
    expect.stringMatching(/^\(other\)~[0-9a-f]{8}$/),
    '(other)',
  ]);
});

test('an error is tagged with the same name as its endpoint', () => {
  const report = { endpoints: [endpoint('a\nb'), endpoint('a\tb')], errors: [error('x', 1, 'a\tb')] };

  expect(stored('locust_error', report)[0]?.tags['name']).toBe(stored('locust_endpoint', report)[1]?.tags['name']);
});

test("a target's own tags win over none of ours", () => {
  const own = {
    project: 'x',
    name: 'x',
    time: 'x',
    _field: 'x',
    '': 'x',
    'a\nb': '1',
    'a b': '2',
    empty: '',
    'k,=': 'v\\',
  };
  const [total] = storedPoints(
    reportPoints({
      report: emptyReport,
      series: { ...series, tags: own },
      instantMs,
      maxEndpoints: 500,
      maxErrors: 50,
    }),
  );

  expect(total?.tags).toEqual({
    project: 'web',
    target: 'shop',
    run: series.run,
    'a b': '1',
    'k,=': 'v＼',
  });
});

test('an attempt that brought a report is written with its size and without a reason', () => {
  const point = scrapePoint({
    series,
    instantMs,
    up: true,
    durationMs: 12,
    sizeBytes: 2048,
    state: 'ready',
    reason: 'x',
  });

  expect(toLine(point)).toBe(`locust_scrape,${seriesText} up=true,duration=12,size=2048i,state="ready" ${instantMs}`);
});

test('a failed attempt is written with its reason', () => {
  const point = scrapePoint({ series, instantMs, up: false, durationMs: 5000.5, reason: 'timeout' });

  expect(toLine(point)).toBe(`locust_scrape,${seriesText} up=false,duration=5000.5,reason="timeout" ${instantMs}`);
});

test('an event is tagged with what happened', () => {
  const point = eventPoint({ series, instantMs, event: 'start', text: 'shop: "10" users\n' });

  expect(toLine(point)).toBe(`locust_event,${seriesText},event=start text="shop: \\"10\\" users " ${instantMs}`);
});

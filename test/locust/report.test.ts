import { readFileSync, readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseReport } from '../../lambda/locust/report.ts';
import type { Report } from '../../lambda/locust/report.ts';

const fixtures = new URL('../fixtures/locust-reports/', import.meta.url);
const recorded = readdirSync(fixtures).filter((name) => name.endsWith('.json'));
const bodyOf = (name: string): string => readFileSync(new URL(name, fixtures), 'utf8');

function reportOf(text: string): Report {
  const parsed = parseReport(text);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.report;
}

const row = { method: 'GET', name: '/', num_requests: 3, num_failures: 1, avg_response_time: 2.5, current_rps: 0.5 };
const total = { ...row, method: null, name: 'Aggregated' };
const answer = (more: object): string =>
  JSON.stringify({ stats: [row, total], errors: [], state: 'running', user_count: 2, fail_ratio: 0.3, ...more });
const manyRows = (count: number): object[] => Array.from({ length: count }, (_, i) => ({ ...row, name: `/${i}` }));

describe('answers recorded from real Locusts', () => {
  it.each(recorded)('%s is read whole', (name) => {
    const body = bodyOf(name);
    const json = JSON.parse(body) as { stats: Record<string, unknown>[]; errors: unknown[]; user_count: number };

    const report = reportOf(body);

    const last = json.stats.at(-1);
    expect(report.badRows).toBe(0);
    expect(report.endpoints).toHaveLength(json.stats.length - 1);
    expect(report.endpoints.map((each) => each.name)).toEqual(json.stats.slice(0, -1).map((each) => each['name']));
    expect(report.errors).toHaveLength(json.errors.length);
    expect(report.userCount).toBe(json.user_count);
    expect(report.total.numRequests).toBe(last?.['num_requests']);
    expect(report.total.currentRps).toBe(last?.['current_rps']);
    expect(report.currentPercentiles.map(({ label }) => label)).toEqual(['50', '95']);
    expect(report.truncated).toBe(name.includes('many'));
  });

  it.each([
    ['0.14.6-dist.spawning.json', 'spawning', ['90'], 2],
    ['1.6.0-local.running.json', 'running', ['90'], undefined],
    ['2.12.1-dist.running.json', 'running', ['90', '99'], 2],
    ['2.31.0-local.running.json', 'running', ['95', '99'], undefined],
    ['2.37.14-dist.running.json', 'running', ['95', '99'], 2],
  ])('%s: state %s, percentiles %s, workers %s', (name, state, percentiles, workers) => {
    const report = reportOf(bodyOf(name));

    expect(report.state).toBe(state);
    expect(report.total.percentiles.map(({ label }) => label)).toEqual(percentiles);
    expect(report.workers?.length).toBe(workers);
    expect(report.workerCount).toBe(workers);
  });

  it('error texts read the same whether that release escaped them or not', () => {
    const escaped = reportOf(bodyOf('1.6.0-local.running.json')).errors.map(({ error }) => error);
    const plain = reportOf(bodyOf('2.31.0-local.running.json')).errors.map(({ error }) => error);

    expect(escaped[0]).toBe("HTTPError('500 Server Error: Internal Server Error for url: 下单 提交=1')");
    expect(plain[0]).toBe(escaped[0]);
    expect(escaped[1]).toContain('<urllib3.connection.HTTPConnection object');
  });
});

describe('what changed from release to release', () => {
  it.each([
    ['no workers', {}, undefined, undefined],
    ['slave_count alone (0.8)', { slave_count: 3 }, undefined, 3],
    ['slaves (0.9 to 0.14)', { slaves: [{ id: 'a', state: 'hatching' }] }, 1, 1],
    [
      'workers (1.0)',
      {
        workers: [
          { id: 'a', state: 'missing' },
          { id: 'b', state: 'running' },
        ],
      },
      2,
      1,
    ],
    ['worker_count (2.37.2)', { worker_count: 1, workers: [{ id: 'a' }, { id: 'b' }] }, 2, 1],
  ])('workers: %s', (_, more, rows, count) => {
    const report = reportOf(answer(more));

    expect(report.workers?.length).toBe(rows);
    expect(report.workerCount).toBe(count);
    expect(report.workers?.[0]?.state ?? 'spawning').not.toBe('hatching');
  });

  it.each(['ready', 'spawning', 'running', 'cleanup', 'stopping', 'stopped', 'missing', 'something-new'])(
    'state %s stays as it is',
    (state) => {
      expect(reportOf(answer({ state })).state).toBe(state);
    },
  );

  it('hatching is spawning', () => {
    expect(reportOf(answer({ state: 'hatching' })).state).toBe('spawning');
  });

  it.each([
    ['Total', null],
    ['Total', ''],
    ['Aggregated', null],
    ['Aggregated', ''],
  ])('the total row may be named %s with method %s', (name, method) => {
    const report = reportOf(answer({ stats: [row, { ...total, name, method, num_requests: 9 }] }));

    expect(report.total.numRequests).toBe(9);
    expect(report.endpoints).toHaveLength(1);
  });

  it('an endpoint that is called Aggregated stays an endpoint', () => {
    const report = reportOf(answer({ stats: [{ ...row, name: 'Aggregated' }, row, total] }));

    expect(report.endpoints.map(({ name }) => name)).toEqual(['Aggregated', '/']);
  });

  it('a total row that was cut off leaves the current rate and no counters (0.8 to 0.12.1)', () => {
    const report = reportOf(answer({ stats: manyRows(500), total_rps: 12.5 }));

    expect(report.total).toMatchObject({ currentRps: 12.5, numRequests: undefined, percentiles: [] });
    expect(report.endpoints).toHaveLength(500);
    expect(report.truncated).toBe(true);
  });

  it('the top-level total_rps is never taken where there is a total row', () => {
    expect(reportOf(answer({ total_rps: 99 })).total.currentRps).toBe(0.5);
  });

  it.each([['occurences'], ['occurrences']])('errors may count their %s', (key) => {
    const report = reportOf(answer({ errors: [{ method: 'GET', name: '/', error: 'boom', [key]: 4, first_seen: 1 }] }));

    expect(report.errors).toEqual([{ method: 'GET', name: '/', error: 'boom', occurrences: 4 }]);
  });

  it.each([
    ['of 0.9 to 2.15.0', { current_response_time_percentile_50: 5, current_response_time_percentile_95: 9 }],
    ['of 2.15.1 to 2.27', { current_response_time_percentile_1: 5, current_response_time_percentile_2: 9 }],
    [
      'of 2.20 on',
      { current_response_time_percentiles: { 'response_time_percentile_0.5': 5, 'response_time_percentile_0.95': 9 } },
    ],
  ])('current percentiles %s', (_, more) => {
    expect(reportOf(answer(more)).currentPercentiles).toEqual([
      { label: '50', value: 5 },
      { label: '95', value: 9 },
    ]);
  });

  it('percentiles follow what the user configured', () => {
    const keys = {
      'response_time_percentile_0.57': 1,
      'response_time_percentile_0.999': 2,
      response_time_percentile_1: 3,
    };
    const report = reportOf(answer({ stats: [row, { ...total, ...keys, 'response_time_percentile_0.5x': 4 }] }));

    expect(report.total.percentiles).toEqual([
      { label: '57', value: 1 },
      { label: '99_9', value: 2 },
      { label: '100', value: 3 },
    ]);
  });

  it('a web UI without a runner is a report in state missing', () => {
    const report = reportOf(JSON.stringify({ stats: [], errors: [], state: 'missing', total_rps: 0 }));

    expect(report).toMatchObject({ state: 'missing', endpoints: [], truncated: false, userCount: undefined });
    expect(report.total.currentRps).toBeUndefined();
  });
});

describe('damage stays where it is', () => {
  it('bare NaN and Infinity lose only their own field', () => {
    const body = answer({ stats: [{ ...row, name: 'say "NaN, Infinity"\\' }, total] })
      .replace('"avg_response_time":2.5', '"avg_response_time":NaN,"max_response_time": -Infinity')
      .replace('"fail_ratio":0.3', '"fail_ratio": Infinity');

    const report = reportOf(body);

    expect(report.endpoints[0]).toMatchObject({
      name: 'say "NaN, Infinity"\\',
      avgResponseTime: undefined,
      maxResponseTime: undefined,
      numRequests: 3,
    });
    expect(report.failRatio).toBeUndefined();
    expect(report.total.avgResponseTime).toBe(2.5);
  });

  it('rows that are none are left out and counted', () => {
    const report = reportOf(
      answer({
        stats: [null, 7, [], { method: 'GET' }, row, { ...row, name: 5 }, total],
        errors: ['x', { error: 'boom' }, { name: '/' }],
        workers: [{ state: 'running' }, { id: 'w1' }],
      }),
    );

    expect(report.endpoints).toHaveLength(1);
    expect(report.errors).toHaveLength(1);
    expect(report.workers).toHaveLength(1);
    expect(report.badRows).toBe(8);
    expect(report.total.numRequests).toBe(3);
  });

  it('a field of the wrong type loses only itself', () => {
    const odd = {
      ...row,
      num_requests: '3',
      min_response_time: {},
      max_response_time: null,
      median_response_time: 1e999,
    };
    const report = reportOf(answer({ stats: [odd, total], errors: 'none', user_count: '2' }));

    expect(report.endpoints[0]).toMatchObject({ numRequests: undefined, numFailures: 1, avgResponseTime: 2.5 });
    expect(report.userCount).toBeUndefined();
  });

  it.each([
    ['', /empty/],
    [' \n', /empty/],
    ['<!DOCTYPE html><form>secret', /HTML page, perhaps a login page/],
    ['{"stats": [{"name": "/"', /cut off/],
    [bodyOf('2.12.1-local.running.json').slice(0, -40), /cut off/],
    ['pong', /not JSON/],
    ['{"status":"ok"}', /not Locust's statistics/],
    ['[]', /not Locust's statistics/],
    ['null', /not Locust's statistics/],
    ['{"stats":{},"state":"running"}', /not Locust's statistics/],
    ['{"stats":[],"state":3}', /not Locust's statistics/],
    ['NaN', /not Locust's statistics/],
  ])('%s is no report and says why', (text, why) => {
    const parsed = parseReport(text);

    expect(parsed.ok).toBe(false);
    if (!parsed.ok) expect(parsed.message).toMatch(why);
    expect(JSON.stringify(parsed)).not.toContain('secret');
  });

  it('any text and any bytes are either a report or a reason', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.uint8Array()), (input) => {
        const text = typeof input === 'string' ? input : Buffer.from(input).toString('utf8');
        expect(typeof parseReport(text).ok).toBe('boolean');
      }),
    );
  });

  it('a good answer with any bytes overwritten, cut or inserted never throws', () => {
    const body = Buffer.from(bodyOf('2.37.14-dist.running.json'));
    fc.assert(
      fc.property(fc.nat(body.length), fc.nat(40), fc.uint8Array({ maxLength: 30 }), (at, cut, bytes) => {
        const damaged = Buffer.concat([body.subarray(0, at), bytes, body.subarray(at + cut)]);
        expect(typeof parseReport(damaged.toString('utf8')).ok).toBe('boolean');
      }),
      { numRuns: 500 },
    );
  });

  it('any JSON in the places of rows never throws', () => {
    const anyJson = fc.jsonValue();
    fc.assert(
      fc.property(fc.array(anyJson), anyJson, anyJson, anyJson, (stats, errors, workers, percentiles) => {
        const report = reportOf(answer({ stats, errors, workers, current_response_time_percentiles: percentiles }));
        expect(report.endpoints.length).toBeLessThanOrEqual(stats.length);
      }),
    );
  });

  it('nesting a hundred thousand levels deep and odd keys do no harm', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const report = reportOf(
      `{"stats":[{"name":"/","__proto__":{"num_requests":7}},${deep}],"errors":${deep},"state":"running"}`,
    );

    expect(report.endpoints).toHaveLength(1);
    expect(report.endpoints[0]?.numRequests).toBeUndefined();
    expect(report.badRows).toBeGreaterThan(0);
  });
});

import { describe, expect, it } from 'vitest';
import { answer, bodyOf, manyRows, recorded, reportOf, row, total } from '../../support/locust/report-text.ts';

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

  it('error texts read the same whatever the release and the role', () => {
    const errors = (name: string): string[] => reportOf(bodyOf(name)).errors.map(({ error }) => error);
    const plain = errors('2.31.0-local.running.json');

    expect(plain[0]).toBe("HTTPError('500 Server Error: Internal Server Error for url: 下单 提交=1')");
    expect(errors('1.6.0-local.running.json')[0]).toBe(plain[0]);
    expect(errors('2.12.1-dist.running.json')).toEqual(plain);
    expect(errors('1.6.0-local.running.json')[1]).toContain('<urllib3.connection.HTTPConnection object');
    const old = errors('0.14.6-dist.running.json');
    expect(old[1]).toBe("HTTPError('500 Server Error: Internal Server Error for url: /checkout <b>x</b>')");
    expect(old[0]).toMatch(/^ConnectionError\(MaxRetryError\("HTTPConnectionPool\(host='127.0.0.1', port=9\)/);
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

  it('the sum of response times is what the companion sends of it', () => {
    const report = reportOf(answer({ stats: [{ ...row, total_response_time: 4 }, total] }));

    expect(report.endpoints[0]?.responseTimeSum).toBe(4);
    expect(report.total.responseTimeSum).toBeUndefined();
  });

  it.each([
    [1, '1'],
    [0.5, '0.5'],
    [null, 'None'],
    [true, 'True'],
  ])('a name may be anything that Python code makes it: %s', (name, text) => {
    const errors = [{ name, method: null, error: 'boom', occurrences: 1 }];
    const report = reportOf(answer({ stats: [{ ...row, name }, total], errors }));

    expect(report.endpoints.map((each) => each.name)).toEqual([text]);
    expect(report.errors).toMatchObject([{ name: text, method: '' }]);
    expect(report.badRows).toBe(0);
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

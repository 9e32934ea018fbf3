import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseReport } from '../../../lambda/locust/report/report.ts';
import { answer, bodyOf, reportOf, row, total } from '../../support/locust/report-text.ts';

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

    expect(report.endpoints.map(({ name }) => name)).toEqual(['/', '5']);
    expect(report.errors).toHaveLength(1);
    expect(report.workers).toHaveLength(1);
    expect(report.badRows).toBe(7);
    expect(report.total.numRequests).toBe(3);
  });

  it('a field of the wrong type loses only itself', () => {
    const odd = {
      ...row,
      num_requests: '3',
      min_response_time: {},
      max_response_time: null,
      median_response_time: 'much',
    };
    const body = answer({ stats: [odd, total], errors: 'none', user_count: '2' }).replace('"much"', '1e999');
    const report = reportOf(body);

    expect(report.endpoints[0]).toMatchObject({
      numRequests: undefined,
      medianResponseTime: undefined,
      numFailures: 1,
      avgResponseTime: 2.5,
    });
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
    expect(parsed).toMatchObject({ reason: 'not-locust', message: expect.stringMatching(why) as unknown });
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

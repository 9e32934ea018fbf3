import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reportLimits as limits } from '../../../lambda/locust/report/limits.ts';
import { parseReport } from '../../../lambda/locust/report/report.ts';
import type { Report } from '../../../lambda/locust/report/report.ts';
import { answer, reportOf, row, total } from '../../support/locust/report-text.ts';

const times = <Item>(count: number, make: (index: number) => Item): Item[] =>
  Array.from({ length: count }, (_, index) => make(index));
const kinds = (report: Report): string[] => report.notices.map(({ kind }) => kind);
const saying = (report: Report, kind: string): string =>
  report.notices.find((notice) => notice.kind === kind)?.message ?? 'nothing';

describe('an answer within all limits', () => {
  it('needs no notice', () => {
    expect(reportOf(answer({})).notices).toEqual([]);
  });
});

describe('of too much the first is read, and the limit is named', () => {
  it('kinds of percentiles, of the rows', () => {
    const many = Object.fromEntries(times(60, (index) => [`response_time_percentile_0.${100 + index}`, index]));
    const report = reportOf(answer({ stats: [row, { ...total, ...many }] }));

    expect(report.total.percentiles).toHaveLength(limits.maxPercentiles);
    expect(report.endpoints[0]?.percentiles).toHaveLength(limits.maxPercentiles);
    expect(saying(report, 'maxPercentiles')).toContain('more than 20 kinds of percentiles');
  });

  it('kinds of percentiles, of the last ten seconds', () => {
    const many = Object.fromEntries(times(60, (index) => [`response_time_percentile_0.${100 + index}`, index]));
    const report = reportOf(answer({ current_response_time_percentiles: many }));

    expect(report.currentPercentiles).toHaveLength(limits.maxPercentiles);
    expect(kinds(report)).toEqual(['maxPercentiles']);
  });

  it('keys of one object', () => {
    const many = Object.fromEntries(times(5_000, (index) => [`key${index}`, index]));
    const report = reportOf(answer({ stats: [{ ...row, ...many }, total] }));

    expect(report.endpoints[0]?.numRequests).toBe(3);
    expect(saying(report, 'maxKeys')).toContain('more than 100 keys');
  });

  it('rows, and the total is the last of all', () => {
    const rows = times(limits.maxRows + 2_000, (index) => ({ name: `/${index}`, num_requests: 1 }));
    const report = reportOf(answer({ stats: [...rows, { ...total, num_requests: 4_000 }] }));

    expect(report.endpoints).toHaveLength(limits.maxRows);
    expect(report.endpoints.at(-1)?.name).toBe(`/${limits.maxRows - 1}`);
    expect(report.total.numRequests).toBe(4_000);
    expect(kinds(report)).toEqual(['maxRows', 'locust-cut']);
    expect(saying(report, 'maxRows')).toContain('more than 1200 rows');
  });

  it('errors', () => {
    const errors = times(700, (index) => ({ name: '/', error: `boom ${index}`, occurrences: 1 }));
    const report = reportOf(answer({ errors }));

    expect(report.errors).toHaveLength(limits.maxErrors);
    expect(saying(report, 'maxErrors')).toContain('more than 500 errors');
  });

  it('workers, of which the rest keeps its users', () => {
    const workers = times(1_200, (index) => ({ id: `w${index}`, state: 'running', user_count: 2 }));
    const report = reportOf(answer({ workers }));

    expect(report.workers).toHaveLength(limits.maxWorkers);
    expect(report.otherWorkers).toEqual({ userCount: 400 });
    expect(report.workerCount).toBe(1_200);
    expect(saying(report, 'maxWorkers')).toContain('more than 1000 workers');
  });

  it('workers of a list that is cut, of which nobody knows how many there were', () => {
    const workers = times(6_000, (index) => ({ id: `w${index}`, state: 'running', user_count: 2 }));
    const report = reportOf(answer({ workers }));

    expect(report.otherWorkers).toEqual({ userCount: undefined });
    expect(report.workerCount).toBeUndefined();
  });

  it('nesting', () => {
    const deep = `${'{"a":['.repeat(20_000)}1${']}'.repeat(20_000)}`;
    const report = reportOf(answer({}).replace('"fail_ratio":', `"deep":${deep},"fail_ratio":`));

    expect(report.failRatio).toBe(0.3);
    expect(saying(report, 'maxDepth')).toContain('deeper than 8 levels');
  });
});

describe('long texts', () => {
  it('are cut, and stay distinct by what is cut off', () => {
    const start = '商'.repeat(limits.maxTextBytes + 500);
    const report = reportOf(answer({ stats: [{ ...row, name: `${start}a` }, { ...row, name: `${start}b` }, total] }));
    const [one = '', other = ''] = report.endpoints.map(({ name }) => name);

    expect(one).toMatch(/^商{341}…[0-9a-f]{8}$/);
    expect(other).toMatch(/^商{341}…[0-9a-f]{8}$/);
    expect(one).not.toBe(other);
    expect(saying(report, 'maxTextBytes')).toMatch(/1024 bytes.*response\.text\[:200\]/);
  });

  it.each([
    ['plain', 'a'.repeat(1_024)],
    ['escaped', '"\\\n'.repeat(341)],
    ['of three bytes each', `${'商'.repeat(341)}a`],
    ['beyond the first plane', '🦗'.repeat(256)],
  ])('of just the length stay as they are: %s', (_, name) => {
    const escaped = JSON.stringify(name).replace(/[^\0-~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`);
    for (const text of [JSON.stringify(name), escaped]) {
      const report = reportOf(answer({ stats: [row, total] }).replace('"name":"/"', `"name":${text}`));
      expect(report.endpoints[0]?.name).toBe(name);
      expect(report.notices).toEqual([]);
    }
  });

  it('are cut at the same place, however large the answer around them is and however they are escaped', () => {
    const characters = fc.constantFrom('a', '"', '\n', 'é', '商', '🦗');
    const names = fc.array(characters, { minLength: 300, maxLength: 1_100, size: 'max' }).map((all) => all.join(''));
    fc.assert(
      fc.property(names, (name) => {
        const plain = JSON.stringify(name);
        const escaped = plain.replace(/[^\0-~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
        const [one, ...others] = [plain, escaped].flatMap((text) =>
          ['', ' '.repeat(600_000)].map((spaces) => {
            const body = answer({ stats: [row, total] }).replace('"name":"/"', `"name":${spaces}${text}`);
            return reportOf(body).endpoints[0]?.name.replace(/…[0-9a-f]{8}$/, '…');
          }),
        );
        expect(others).toEqual([one, one, one]);
        expect(Buffer.byteLength(one ?? '')).toBeLessThanOrEqual(limits.maxTextBytes + 3);
      }),
      { numRuns: 30 },
    );
  });

  it('an error that a master put between quotes loses them although it is cut', () => {
    const report = reportOf(answer({ errors: [{ name: '/', error: `'${'x'.repeat(5_000)}'`, occurrences: 1 }] }));

    expect(report.errors[0]?.error).toMatch(/^x{1023}…/);
  });

  it('a state has 64 characters at most', () => {
    const state = 'r'.repeat(1_000_000);
    const report = reportOf(answer({ state, workers: [{ id: 'a', state }] }));

    expect(report.state).toBe('r'.repeat(64));
    expect(report.workers?.[0]?.state).toBe('r'.repeat(64));
  });
});

describe('figures that no table takes', () => {
  it.each(['9007199254740993', '1e300', '-1e300', '1e999', '1'.repeat(100_000)])('%s is left out', (number) => {
    const report = reportOf(answer({}).replace('"user_count":2', `"user_count":${number}`));

    expect(report.userCount).toBeUndefined();
    expect(report.failRatio).toBe(0.3);
  });

  it('next to nothing is 0', () => {
    expect(reportOf(answer({ fail_ratio: 5e-324 })).failRatio).toBe(0);
  });
});

describe('what is no report at all, however large', () => {
  const large = ' '.repeat(5_000_000);
  it.each([
    [`<html>${large}`, 'not-locust'],
    [`[${'{},'.repeat(200_000)}{}]`, 'too-many-values'],
    [`${'['.repeat(400_000)}${']'.repeat(400_000)}`, 'too-many-values'],
    [`{"a":[${`{${times(4, (key) => `"${key}":"${'x'.repeat(1000)}"`).join(',')}},`.repeat(1_100)}1]}`, 'too-large'],
    [`{"a":"${large}`, 'not-locust'],
  ])('%.12s…', (text, reason) => {
    expect(parseReport(text)).toMatchObject({ ok: false, reason });
  });
});

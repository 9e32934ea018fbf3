import { describe, expect, it } from 'vitest';
import { reportPoints } from '../../../lambda/influx/points/points.ts';
import { storedPoints } from '../../support/influx/stored-points.ts';
import { answer, reportOf, row, total } from '../../support/locust/report-text.ts';

/** An answer with one row for each name, given as JSON text. */
const answerNaming = (names: readonly string[]): string =>
  answer({
    stats: [...names.map((_, at) => ({ ...row, name: `<${at}>` })), { ...total, num_requests: 3 * names.length }],
  }).replace(/"<(\d+)>"/g, (_, at: string) => names[Number(at)] ?? '');

const namesIn = (text: string): string[] => reportOf(text).endpoints.map(({ name }) => name);
/** The same answer, too large to be parsed in one go. */
const padded = (text: string): string => text.replace('{', `{${' '.repeat(600_000)}`);

function endpointsStored(text: string, maxEndpoints = 500) {
  const report = reportOf(text);
  const series = { project: 'web', target: 'shop', run: '20261122T140500Z', tags: {} };
  return storedPoints(reportPoints({ report, series, instantMs: 1_795_356_310_000, maxEndpoints, maxErrors: 50 }))
    .filter(({ measurement }) => measurement === 'locust_endpoint')
    .map(({ tags, fields }) => [tags['name'], fields['num_requests']]);
}

describe('names that are whole numbers of any length', () => {
  const long = '1234567890'.repeat(5);
  const endless = '7'.repeat(4_000);

  it.each([
    ['9007199254740992', '9007199254740993'],
    ['-9007199254740992', '-9007199254740993'],
    [`${long}1`, `${long}2`],
  ])('keep all their digits: %s', (...names) => {
    expect(namesIn(answerNaming(names))).toEqual(names);
    expect(namesIn(padded(answerNaming(names)))).toEqual(names);
  });

  it('stay distinct where they are cut', () => {
    const [one = '', other = ''] = namesIn(answerNaming([`${endless}1`, `${endless}2`]));

    expect(one).toMatch(/^7{1024}…[0-9a-f]{8}$/);
    expect(other).toMatch(/^7{1024}…[0-9a-f]{8}$/);
    expect(one).not.toBe(other);
  });

  it('are the same of an error, a method and a worker', () => {
    const errors = '[{"name":9007199254740993,"method":9007199254740993,"error":9007199254740993,"occurrences":1}]';
    const workers = '[{"id":9007199254740993,"state":"running"}]';
    const report = reportOf(answer({}).replace('"errors":[]', `"errors":${errors},"workers":${workers}`));

    const text = '9007199254740993';
    expect(report.errors).toMatchObject([{ name: text, method: text, error: text }]);
    expect(report.workers).toMatchObject([{ id: text }]);
  });
});

describe('names that are lists or objects', () => {
  it.each([
    ['["a",1]', "('a', 1)"],
    ['["a"]', "('a',)"],
    ['[]', '()'],
    ['{"id":[1,null,true],"it\'s":"x"}', `{'id': (1, None, True), "it's": 'x'}`],
    ['["a\\\\b\\n\'\\""]', String.raw`('a\\b\n\'"',)`],
  ])('%s is text, as Python writes it', (name, text) => {
    expect(namesIn(answerNaming([name]))).toEqual([text]);
  });

  it('stay distinct and short', () => {
    const start = Array.from({ length: 900 }, (_, at) => `"part ${at}"`).join(',');
    const [one = '', other = ''] = namesIn(answerNaming([`[${start},"a"]`, `[${start},"b"]`]));

    expect(one).not.toBe(other);
    expect(Buffer.byteLength(one)).toBeLessThanOrEqual(1_040);
  });
});

describe('error texts that are no text', () => {
  it.each([
    [null, 'None'],
    [404, '404'],
    [false, 'False'],
    [['boom', 1], "('boom', 1)"],
  ])('%s is %s', (error, text) => {
    const report = reportOf(answer({ errors: [{ name: '/', method: 'GET', error, occurrences: 4 }] }));

    expect(report.errors).toMatchObject([{ error: text, occurrences: 4 }]);
    expect(report.badRows).toBe(0);
  });
});

describe('rows that cannot be stored', () => {
  const rows = (...names: (string | undefined)[]) => names.map((name) => ({ ...row, name }));

  it.each([
    ['without a name', [...rows('/a', '/b', undefined)], 1],
    ['that are none', [...rows('/a', '/b'), null], 1],
    ['of an endpoint that is there already', [...rows('/a', '/b', '/a')], 1],
  ])('%s are counted, and in (other): the sum is the total', (_, stats, bad) => {
    const text = answer({ stats: [...stats, { ...total, num_requests: 9 }] });
    const report = reportOf(text);

    expect(report.badRows).toBe(bad);
    expect(report.notices).toMatchObject([{ kind: 'bad-rows' }]);
    expect(report.notices[0]?.message).toContain('(other)');
    expect(endpointsStored(text)).toEqual([
      ['/a', 3n],
      ['/b', 3n],
      ['(other)', 3n],
    ]);
    expect(endpointsStored(text, 1)).toEqual([
      ['/a', 3n],
      ['(other)', 6n],
    ]);
  });
});

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { maxCpuMsPerTarget } from '../../../lambda/locust/fetch/cpu-budget.ts';
import { dateHistory, maxHistoryEntries } from '../../../lambda/locust/page/history.ts';
import type { DatedEntry } from '../../../lambda/locust/page/history.ts';
import { reportLimits } from '../../../lambda/locust/report/limits.ts';
import { parsePage } from '../../../lambda/locust/page/page.ts';

const pageOf = (name: string): string =>
  readFileSync(new URL(`../../fixtures/locust-pages/${name}.html`, import.meta.url), 'utf8');
const readAtMs = Date.parse('2026-11-30T08:47:00Z');
const datedPage = (page: string, sinceAtMs?: number): readonly DatedEntry[] =>
  dateHistory(parsePage(page)?.history ?? [], { atMs: readAtMs, ...(sinceAtMs !== undefined && { sinceAtMs }) });
const pageWith = (history: string): string =>
  `<script>window.templateArgs = {"version": "2.47.0", "history": ${history}}\n</script>`;
const at = (clock: string): number => Date.parse(`2026-11-30T${clock}Z`);

describe('the history on the page of a real Locust', () => {
  it('of 2.47 has users, rates and named percentiles with their instants', () => {
    expect(datedPage(pageOf('2.47.0.running'))).toEqual([
      {
        time: '2026-11-30T08:46:21Z',
        atMs: at('08:46:21'),
        userCount: 4,
        currentRps: 14,
        currentFailPerSec: 0,
        avgResponseTime: 12,
        currentPercentiles: [
          { label: '50', value: 12 },
          { label: '95', value: 12 },
        ],
      },
      expect.objectContaining({ atMs: at('08:46:26'), currentRps: 17.75 }),
    ]);
  });

  it('of 2.31 has the same', () => {
    expect(datedPage(pageOf('2.31.8.running'))).toMatchObject([
      { atMs: at('08:46:06'), userCount: 4, currentPercentiles: [{ label: '50' }, { label: '95' }] },
      { atMs: at('08:46:11'), currentRps: 17.25 },
    ]);
  });

  it('of 2.24, whose times have no date, is of the last day, and its percentiles are those that have a name', () => {
    expect(datedPage(pageOf('2.24.1.running'))).toMatchObject([
      { atMs: at('08:46:46'), currentPercentiles: [{ label: '95', value: 12 }] },
      { atMs: at('08:46:51'), currentRps: 16.5 },
    ]);
  });

  it.each(['0.14.6.running', '1.6.0.running', '2.12.1.running', '2.18.3.running', '2.47.0.ready'])(
    'of %s is empty',
    (name) => {
      expect(parsePage(pageOf(name))?.history).toEqual([]);
    },
  );
});

describe('times', () => {
  it('without a date go back over midnight', () => {
    const entries = ['23:59:50', '23:59:55', '00:00:00', '08:46:58'].map((time) => ({ time, user_count: 1 }));

    expect(datedPage(pageWith(JSON.stringify(entries))).map(({ atMs }) => new Date(atMs).toISOString())).toEqual([
      '2026-11-29T23:59:50.000Z',
      '2026-11-29T23:59:55.000Z',
      '2026-11-30T00:00:00.000Z',
      '2026-11-30T08:46:58.000Z',
    ]);
  });

  it('without a date are of no use where the test may be older than a day', () => {
    const page = pageWith('[{"time": "08:46:58", "user_count": 1}]');

    expect(datedPage(page, at('08:40:00'))).toHaveLength(1);
    expect(datedPage(page, readAtMs - 86_400_000)).toEqual([]);
  });

  it.each([
    [
      'out of order, those that are later than one after them',
      ['08:46:10', '08:46:30', '08:46:20'],
      ['08:46:10', '08:46:20'],
    ],
    ['of the future, beyond what clocks may be apart', ['08:46:10', '09:46:10'], ['08:46:10']],
    ['twice, one of them', ['08:46:10', '08:46:10'], ['08:46:10']],
  ])('%s are left out', (_what, given, left) => {
    const entries = given.map((clock) => ({ time: `2026-11-30T${clock}Z`, user_count: 1 }));

    expect(datedPage(pageWith(JSON.stringify(entries))).map(({ atMs }) => atMs)).toEqual(left.map(at));
  });
});

describe('what is no figure', () => {
  it.each(['NaN', '"7"', 'null', '-1', '[["2026-11-30T08:46:00Z", 7]]', '{"a": 7}', '1e400'])(
    'is left out: %s',
    (bad) => {
      const page = pageWith(
        `[{"time": "2026-11-30T08:46:10Z", "user_count": ${bad}}, {"time": "2026-11-30T08:46:15Z"}]`,
      );

      expect(
        datedPage(page)
          .map(({ userCount }) => userCount)
          .filter((count) => count !== undefined),
      ).toEqual([]);
    },
  );

  it('a percentile of 0 is one of no requests, and is left out', () => {
    const page = pageWith('[{"time": "2026-11-30T08:46:10Z", "response_time_percentile_0.5": 0}]');

    expect(datedPage(page)).toMatchObject([{ currentPercentiles: [] }]);
  });

  it.each([
    '"history"',
    '7',
    '{}',
    '[',
    '[[[[',
    'null',
    '[1, "a", null, [], {}]',
    '[{"time": 7}, {"time": "yesterday"}]',
  ])('a history is empty: %s', (history) => {
    expect(parsePage(pageWith(history))?.history ?? []).toEqual([]);
  });
});

test('of a history beyond every length the last entries are read, in little time', () => {
  const entries = Array.from({ length: 100_000 }, (_, index) => {
    const time = new Date(readAtMs - 5000 * (100_000 - index)).toISOString();
    return { time: time.replace('.000', ''), user_count: index };
  });
  const startedMs = process.cpuUsage().user / 1000;
  const dated = datedPage(pageWith(JSON.stringify(entries)));
  const usedMs = process.cpuUsage().user / 1000 - startedMs;

  expect(dated).toHaveLength(maxHistoryEntries);
  expect(dated.at(-1)?.userCount).toBe(99_999);
  expect(usedMs).toBeLessThan(maxCpuMsPerTarget);
});

test('of kinds of percentiles the first ones of the whole list are read, as many as of a report', () => {
  const entries = Array.from({ length: 30 }, (_, index) => ({
    time: `2026-11-30T08:${String(10 + index)}:00Z`,
    user_count: 1,
    ...Object.fromEntries([1, 2, 3].map((nth) => [`response_time_percentile_0.${index + 10}${nth}`, 5])),
  }));
  const labels = datedPage(pageWith(JSON.stringify(entries))).flatMap(({ currentPercentiles }) =>
    currentPercentiles.map(({ label }) => label),
  );
  expect(new Set(labels).size).toBe(reportLimits.maxPercentiles);
});

test('instants rise and are none of the future, whatever the page says', () => {
  const time = fc.oneof(
    fc.string(),
    fc.integer({ min: -1e15, max: 1e15 }).map((ms) => new Date(ms).toISOString().replace(/\.\d+/, '')),
    fc.integer({ min: 0, max: 86_399 }).map((s) => new Date(s * 1000).toISOString().slice(11, 19)),
  );
  fc.assert(
    fc.property(fc.array(fc.record({ time, user_count: fc.oneof(fc.integer(), fc.string()) })), (entries) => {
      const instants = datedPage(pageWith(JSON.stringify(entries))).map(({ atMs }) => atMs);
      for (const [index, atMs] of instants.entries()) {
        expect(atMs).toBeLessThanOrEqual(readAtMs + 15_000);
        if (index > 0) expect(atMs).toBeGreaterThan(instants[index - 1] ?? NaN);
      }
    }),
  );
});

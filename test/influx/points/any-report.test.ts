import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toLine } from '../../../lambda/influx/points/line-protocol.ts';
import { reportPoints } from '../../../lambda/influx/points/points.ts';
import type { Series } from '../../../lambda/influx/points/series.ts';
import type { Percentile, Report, RowFigures } from '../../../lambda/locust/report/report.ts';
import { arbitraryReport, arbitrarySeries, emptyReport, hardText } from '../../support/locust/arbitrary-report.ts';
import { storedPoints, type StoredPoint } from '../../support/influx/stored-points.ts';

const instantMs = 1_795_348_800_123;
const plainSeries: Series = { project: 'p', target: 't', run: 'r', tags: {} };

function stored(report: Report, maxEndpoints = 500, series = plainSeries): readonly StoredPoint[] {
  return storedPoints(reportPoints({ report, series, instantMs, maxEndpoints, maxErrors: 50 }));
}

/** A point without fields has no line. */
const notStored: StoredPoint = { measurement: '', tags: {}, fields: {}, instantMs };

const ofKind = (points: readonly StoredPoint[], measurement: string): StoredPoint[] =>
  points.filter((point) => point.measurement === measurement);

/** The documented normal form of a tag, character by character, as long as it is. */
function normalForm(text: string): string {
  return plainForm(text).replaceAll('\\', '＼');
}

/** The documented normal form of a string field, as long as it is. */
function plainForm(text: string): string {
  return Array.from(text, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20 || (code >= 0x7f && code < 0xa0) || code === 0x2028 || code === 0x2029) return ' ';
    return code >= 0xd800 && code <= 0xdfff ? '\ufffd' : character;
  }).join('');
}

/** Whether a stored string is a text's normal form, or as many whole characters of it as fit into 1,024 bytes. */
function isStringOf(value: unknown, text: string): boolean {
  const plain = plainForm(text);
  if (typeof value !== 'string' || !plain.startsWith(value)) return false;
  const bytes = Buffer.byteLength(value);
  const [next = ''] = plain.slice(value.length);
  return bytes <= 1024 && (next === '' || bytes + Buffer.byteLength(next) > 1024);
}

/** Whether a stored tag can stand for a text: its normal form, or as much of it as fits before a mark and a hash. */
function standsFor(tag: string | undefined, text: string): boolean {
  const normal = normalForm(text);
  if (tag === undefined) return text === '';
  if (tag === normal) return text.length <= 256;
  const start = /^(.*)[…~][0-9a-f]{8}$/su.exec(tag)?.[1];
  return tag.length <= 256 && start !== undefined && normal.startsWith(start);
}

const isCount = (value: number | undefined): value is number => Number.isSafeInteger(value) && (value ?? -1) >= 0;

function counts(all: Readonly<Record<string, number | undefined>>): Record<string, bigint> {
  const entries = Object.entries(all).flatMap(([key, value]) =>
    isCount(value) ? [[key, BigInt(value)] as const] : [],
  );
  return Object.fromEntries(entries);
}

/** Without negative zeros, which are zeros. */
function measures(all: Readonly<Record<string, number | undefined>>): Record<string, number> {
  const entries = Object.entries(all).flatMap(([key, value]) =>
    value !== undefined && Number.isFinite(value) ? [[key, value + 0] as const] : [],
  );
  return Object.fromEntries(entries);
}

function percentiles(prefix: string, all: readonly Percentile[]): Record<string, number | undefined> {
  return Object.fromEntries(all.toReversed().map(({ label, value }) => [prefix + label, value]));
}

function rowValues(row: RowFigures): Record<string, bigint | number> {
  const requests = isCount(row.numRequests) ? row.numRequests : NaN;
  return {
    ...counts({ num_requests: row.numRequests, num_failures: row.numFailures }),
    ...measures({
      response_time_sum: (row.avgResponseTime ?? NaN) * requests,
      current_rps: row.currentRps,
      current_fail_per_sec: row.currentFailPerSec,
      avg_response_time: row.avgResponseTime,
      min_response_time: row.minResponseTime,
      max_response_time: row.maxResponseTime,
      median_response_time: row.medianResponseTime,
      avg_content_length: row.avgContentLength,
      ...percentiles('response_time_percentile_', row.percentiles),
    }),
  };
}

test('every point of any report is one line that a strict parser takes, and no two have the same tags', () => {
  fc.assert(
    fc.property(arbitraryReport, arbitrarySeries, fc.nat(40), (report, series, maxEndpoints) => {
      const points = stored(report, maxEndpoints, series);

      const tagSets = points.map(({ measurement, tags }) => JSON.stringify([measurement, Object.entries(tags).sort()]));
      expect(new Set(tagSets).size).toBe(points.length);
      expect(points.every((point) => point.instantMs === instantMs)).toBe(true);
      for (const { tags } of points) {
        expect(standsFor(tags['project'], series.project)).toBe(true);
        expect(standsFor(tags['target'], series.target)).toBe(true);
        expect(tags['run']).toBe(series.run);
      }
    }),
    { numRuns: 300 },
  );
});

test('no line holds a control character or half a surrogate pair', () => {
  fc.assert(
    fc.property(arbitraryReport, arbitrarySeries, (report, series) => {
      for (const point of reportPoints({ report, series, instantMs, maxEndpoints: 500, maxErrors: 50 })) {
        expect(toLine(point) ?? '').not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029]/u);
      }
    }),
  );
});

test('every value of the total reads back as it was', () => {
  fc.assert(
    fc.property(arbitraryReport, (report) => {
      const [total] = ofKind(stored(report), 'locust_total');
      const { state, ...fields } = total?.fields ?? {};

      expect(isStringOf(state, report.state)).toBe(true);
      expect(fields).toEqual({
        ...rowValues(report.total),
        ...counts({ user_count: report.userCount, worker_count: report.workerCount }),
        ...measures({ fail_ratio: report.failRatio }),
        ...measures(percentiles('current_response_time_percentile_', report.currentPercentiles)),
        endpoint_count: BigInt(
          new Set(report.endpoints.map(({ method, name }) => JSON.stringify([method, name]))).size,
        ),
        truncated: report.truncated,
      });
    }),
    { numRuns: 300 },
  );
});

test('every endpoint reads back with its own values under its own name', () => {
  fc.assert(
    fc.property(arbitraryReport, (any) => {
      // What is missing would be one point more.
      const report = { ...any, lacksEndpoints: false };
      const rows = report.endpoints.filter(
        (row, at, all) => all.findIndex(({ method, name }) => method === row.method && name === row.name) === at,
      );
      const points = reportPoints({ report, series: plainSeries, instantMs, maxEndpoints: 500, maxErrors: 50 }).filter(
        ({ measurement }) => measurement === 'locust_endpoint',
      );

      expect(points).toHaveLength(rows.length);
      for (const [index, row] of rows.entries()) {
        const [read = notStored] = storedPoints(points.slice(index, index + 1));
        const ratio = (row.numRequests ?? 0) > 0 ? (row.numFailures ?? NaN) / (row.numRequests ?? NaN) : NaN;
        expect(read.fields).toEqual({ ...rowValues(row), ...measures({ fail_ratio: ratio }) });
        if (read === notStored) continue;
        expect(standsFor(read.tags['method'], row.method)).toBe(true);
        expect(standsFor(read.tags['name'], row.name)).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});

test('any text reads back as a tag in its normal form', () => {
  fc.assert(
    fc.property(hardText, (text) => {
      const series = { ...plainSeries, tags: { note: text } };
      const [point] = storedPoints(
        reportPoints({ report: emptyReport, series, instantMs, maxEndpoints: 500, maxErrors: 50 }),
      );

      expect(standsFor(point?.tags['note'], text)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test('the errors of a report add up, whatever was merged', () => {
  fc.assert(
    fc.property(arbitraryReport, (report) => {
      const small = {
        ...report,
        errors: report.errors.map((row) => ({ ...row, occurrences: clamp(row.occurrences) })),
      };
      const total = ofKind(stored(small), 'locust_error').reduce(
        (sum, { fields }) => sum + Number(fields['occurrences'] ?? 0),
        0,
      );

      expect(total).toBe(small.errors.reduce((sum, { occurrences }) => sum + (occurrences ?? 0), 0));
      expect(ofKind(stored(small), 'locust_error').length).toBeLessThanOrEqual(51);
    }),
  );
});

test('every worker reads back once', () => {
  fc.assert(
    fc.property(arbitraryReport, (report) => {
      const ids = new Set((report.workers ?? []).map(({ id }) => id));
      const points = reportPoints({ report, series: plainSeries, instantMs, maxEndpoints: 500, maxErrors: 50 });

      expect(points.filter(({ measurement }) => measurement === 'locust_worker')).toHaveLength(ids.size);
    }),
  );
});

const clamp = (value: number | undefined): number | undefined => (isCount(value) ? value % 1_000_000 : undefined);

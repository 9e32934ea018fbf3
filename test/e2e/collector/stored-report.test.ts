import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toLine } from '../../../lambda/influx/points/line-protocol.ts';
import { normalTag } from '../../../lambda/influx/points/normal-form.ts';
import { reportPoints } from '../../../lambda/influx/points/points.ts';
import { reportLimits } from '../../../lambda/locust/report/limits.ts';
import { parseReport } from '../../../lambda/locust/report/report.ts';
import { hardText } from '../support/hard-text.ts';
import { startInfluxd2 } from '../support/influx/influxd-2.ts';
import type { Influxd2 } from '../support/influx/influxd-2.ts';
import type { Influxd, StoredRow } from '../support/influx/influxd.ts';
import { describeWithInfluxd2 } from '../support/parts.ts';

const count = fc.integer({ min: 0, max: 1_000_000_000 });
const figure = fc.double({ min: 0, max: 1e9, noNaN: true }).map((value) => value + 0);
const figures = fc.record({
  num_failures: count,
  min_response_time: figure,
  max_response_time: figure,
  median_response_time: fc.option(figure),
  avg_response_time: fc.oneof(count, figure),
  avg_content_length: figure,
  current_rps: figure,
  current_fail_per_sec: figure,
  'response_time_percentile_0.95': fc.option(figure),
  'response_time_percentile_0.999': figure,
});
/** A longer one is cut while the answer is read, and its tag is made of what is left. */
const wholeText = hardText.filter((text) => Buffer.byteLength(text) <= reportLimits.maxTextBytes);
const method = fc.oneof(fc.constantFrom('GET', 'POST', ''), wholeText);
const endpoint = fc.record({ method, name: wholeText, figures });
/** What today's Locust would answer, with names as bad as they come. */
const answer = fc.record({
  endpoints: fc.uniqueArray(endpoint, { selector: (row) => JSON.stringify([row.method, row.name]), maxLength: 40 }),
  total: figures,
  errors: fc.array(fc.record({ method, name: hardText, error: hardText, occurrences: count }), { maxLength: 40 }),
});
type Answer = typeof answer extends fc.Arbitrary<infer T> ? T : never;

/** However whole a number is. */
const types = { num_requests: 'integer', user_count: 'integer', avg_response_time: 'float', fail_ratio: 'float' };

const series = { project: 'shop', target: 'checkout', run: '20261122T140500Z', tags: { team: 'a b' } };
const instantMs = 1_795_356_300_000;

const wholeYear = `from(bucket: "locust") |> range(start: 2026-01-01T00:00:00Z, stop: 2027-01-01T00:00:00Z)`;
/** Each value with all that names it. */
const cellsOf = (rows: readonly StoredRow[]): readonly unknown[] =>
  rows.flatMap(({ measurement, atMs, tags, fields }) =>
    Object.entries(fields).map(([field, value]) => [measurement, field, atMs, Object.entries(tags).toSorted(), value]),
  );
const notTags = new Set(['result', 'table', '_start', '_stop', '_time', '_value', '_field', '_measurement']);
const cellOfFlux = (row: Readonly<Record<string, unknown>>): unknown => {
  const tags = Object.entries(row).filter(([name, value]) => !notTags.has(name) && value !== undefined && value !== '');
  return [row['_measurement'], row['_field'], Date.parse(String(row['_time'])), tags.toSorted(), row['_value']];
};
const sorted = (cells: readonly unknown[]): readonly string[] => cells.map((cell) => JSON.stringify(cell)).toSorted();

describeWithInfluxd2('A report in InfluxDB', () => {
  let influxd: Influxd2;

  beforeAll(async () => {
    influxd = await startInfluxd2();
  });

  afterAll(async () => {
    await influxd.stop();
  });

  test('has every endpoint once, with the numbers that Locust said', async () => {
    await fc.assert(
      fc.asyncProperty(answer, async (said) => {
        await store(influxd, said);
        const rows = await influxd.rows('locust_endpoint');
        expect(rows).toHaveLength(said.endpoints.length);
        // No two endpoints of `said` have the same number of requests.
        const byRequests = new Map(rows.map((row) => [row.fields['num_requests'], row]));
        for (const [index, one] of said.endpoints.entries()) expectEndpoint(byRequests.get(index), one, said);
      }),
      { numRuns: 60 },
    );
  });

  test('is the same in Flux, value for value', async () => {
    await fc.assert(
      fc.asyncProperty(answer, async (said) => {
        await store(influxd, said);
        const cells = (await influxd.flux(wholeYear)).map(cellOfFlux);
        expect(sorted(cells)).toEqual(sorted(cellsOf(await influxd.rows())));
      }),
      { numRuns: 20 },
    );
  });

  test('has the total once, and errors that add up to what Locust said', async () => {
    await fc.assert(
      fc.asyncProperty(answer, async (said) => {
        await store(influxd, said);
        const [total, ...more] = await influxd.rows('locust_total');
        expect(more).toEqual([]);
        expect(total?.fields).toMatchObject(storedFigures(said.total));
        expect(total?.fields).toMatchObject({ state: 'running', user_count: 8, endpoint_count: said.endpoints.length });
        expect(await fieldTypes(influxd, 'locust_total')).toMatchObject(types);
        const errors = await influxd.rows('locust_error');
        expect(sum(errors.map(({ fields }) => Number(fields['occurrences'])))).toBe(
          sum(said.errors.map(({ occurrences }) => occurrences)),
        );
      }),
      { numRuns: 60 },
    );
  });
});

async function store(influxd: Influxd, said: Answer): Promise<void> {
  const parsed = parseReport(JSON.stringify(toJson(said)));
  if (!parsed.ok) throw new Error(parsed.message);
  const points = reportPoints({ report: parsed.report, series, instantMs, maxEndpoints: 500, maxErrors: 50 });
  await influxd.clear();
  const lines = points.map(toLine).filter((line) => line !== undefined);
  expect(await influxd.write(lines.join('\n'))).toEqual({ status: 204, body: '' });
}

function toJson({ endpoints, total, errors }: Answer): unknown {
  const rows = endpoints.map((row, index) => ({
    method: row.method,
    name: row.name,
    num_requests: index,
    ...row.figures,
  }));
  return {
    stats: [
      ...rows,
      { method: '', name: 'Aggregated', num_requests: sum(rows.map((row) => row.num_requests)), ...total },
    ],
    errors,
    fail_ratio: 0,
    state: 'running',
    user_count: 8,
  };
}

function expectEndpoint(row: StoredRow | undefined, said: Answer['endpoints'][number], all: Answer): void {
  expect(row?.atMs).toBe(instantMs);
  expect(row?.fields).toMatchObject(storedFigures(said.figures));
  const isAlone = all.endpoints.filter((one) => normalPair(one) === normalPair(said)).length === 1;
  if (!isAlone || normalPair(said) === '\n(other)') return;
  const tags = { ...series.tags, project: series.project, target: series.target, run: series.run };
  expect(row?.tags).toEqual({
    ...tags,
    ...(said.method === '' ? {} : { method: normalTag(said.method) }),
    ...(said.name === '' ? {} : { name: normalTag(said.name) }),
  });
}

function normalPair(one: { readonly method: string; readonly name: string }): string {
  return `${normalTag(one.method)}\n${normalTag(one.name)}`;
}

/**
 * Under the names and with the gaps of the data model: what is null, or too large for a double to count, has no field,
 * and what is next to nothing is 0.
 */
function storedFigures(said: Answer['total']): Readonly<Record<string, number>> {
  const {
    'response_time_percentile_0.95': response_time_percentile_95,
    'response_time_percentile_0.999': response_time_percentile_99_9,
    ...same
  } = said;
  const all = { ...same, response_time_percentile_95, response_time_percentile_99_9 };
  const isStored = (entry: [string, number | null]): entry is [string, number] =>
    entry[1] !== null && Math.abs(entry[1]) <= Number.MAX_SAFE_INTEGER;
  const stored = Object.entries(all).filter(isStored);
  return Object.fromEntries(stored.map(([name, value]) => [name, Math.abs(value) < 1e-100 ? 0 : value]));
}

async function fieldTypes(influxd: Influxd, measurement: string): Promise<unknown> {
  const [keys] = await influxd.query(`SHOW FIELD KEYS FROM "${measurement}"`);
  return Object.fromEntries(keys?.values.map(([key, type]) => [String(key), type]) ?? []);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

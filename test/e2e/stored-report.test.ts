import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toLine } from '../../lambda/influx/line-protocol.ts';
import { normalTag } from '../../lambda/influx/normal-form.ts';
import { reportPoints } from '../../lambda/influx/points.ts';
import { parseReport } from '../../lambda/locust/report.ts';
import { hardText } from './support/hard-text.ts';
import { startInfluxd, type Influxd, type StoredRow } from './support/influxd.ts';
import { describeWithParts } from './support/parts.ts';

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
const method = fc.oneof(fc.constantFrom('GET', 'POST', ''), hardText);
const endpoint = fc.record({ method, name: hardText, figures });
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

describeWithParts('A report in InfluxDB', () => {
  let influxd: Influxd;

  beforeAll(async () => {
    influxd = await startInfluxd();
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
  const points = reportPoints({ report: parsed.report, series, instantMs, maxEndpoints: 500 });
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

/** Under the names and with the gaps of the data model: what is null has no field. */
function storedFigures(said: Answer['total']): Readonly<Record<string, number>> {
  const {
    'response_time_percentile_0.95': response_time_percentile_95,
    'response_time_percentile_0.999': response_time_percentile_99_9,
    ...same
  } = said;
  const all = { ...same, response_time_percentile_95, response_time_percentile_99_9 };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, number] => entry[1] !== null));
}

async function fieldTypes(influxd: Influxd, measurement: string): Promise<unknown> {
  const [keys] = await influxd.query(`SHOW FIELD KEYS FROM "${measurement}"`);
  return Object.fromEntries(keys?.values.map(([key, type]) => [String(key), type]) ?? []);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

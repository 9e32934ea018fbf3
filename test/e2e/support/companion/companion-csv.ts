import { expect } from 'vitest';
import type { StoredRow } from '../influx/influxd.ts';

/** Columns of Locust's CSV, and the fields that hold the same. */
const columns = {
  'Request Count': 'num_requests',
  'Failure Count': 'num_failures',
  'Median Response Time': 'median_response_time',
  'Average Response Time': 'avg_response_time',
  'Min Response Time': 'min_response_time',
  'Max Response Time': 'max_response_time',
  'Average Content Size': 'avg_content_length',
  '95%': 'response_time_percentile_95',
  '99%': 'response_time_percentile_99',
} as const;

type CsvRow = Readonly<Record<string, string>>;

/** Expects that the last stored figures of each endpoint and of the total equal those of Locust's final CSV. */
export function expectFinalNumbers(csv: readonly CsvRow[], rows: readonly StoredRow[]): void {
  const endpoints = last(rows.filter(({ measurement }) => measurement === 'locust_endpoint'));
  const total = rows.findLast(({ measurement }) => measurement === 'locust_total');
  expect(csv.length).toBeGreaterThan(8);
  expect(total?.fields).toMatchObject(figures(csv.at(-1) ?? {}));
  const expected = csv.slice(0, -1).map((row) => [nameOf(row), figures(row)] as const);
  expect(endpoints.size).toBe(expected.length);
  for (const [name, fields] of expected) expect(endpoints.get(name)?.fields, name).toMatchObject(fields);
}

function last(rows: readonly StoredRow[]): ReadonlyMap<string, StoredRow> {
  return new Map(rows.map((row) => [`${row.tags['method'] ?? ''} ${row.tags['name'] ?? ''}`, row]));
}

/** With the documented normal form of a tag: backslashes become U+FF3C, control characters spaces. */
function nameOf(row: CsvRow): string {
  return `${row['Type'] ?? ''} ${(row['Name'] ?? '').replaceAll('\\', '＼').replace(/[\n\t]/g, ' ')}`;
}

function figures(row: CsvRow): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(columns).map(([column, field]) => [field, Number(row[column])]));
}

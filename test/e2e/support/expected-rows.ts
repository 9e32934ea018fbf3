/** What Locust said, row by row, under the names of the data model: read from its JSON without the product's reader. */
export interface ExpectedRow {
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, number>>;
}

type Row = Readonly<Record<string, unknown>>;

export interface LocustJson {
  readonly state: string;
  readonly user_count: number;
  readonly fail_ratio: number;
  readonly stats: readonly Row[];
  readonly errors: readonly Row[];
  readonly workers?: readonly Row[];
  readonly slaves?: readonly Row[];
}

const sameNames = [
  'num_requests',
  'num_failures',
  'current_rps',
  'current_fail_per_sec',
  'avg_response_time',
  'min_response_time',
  'max_response_time',
  'median_response_time',
  'avg_content_length',
];
const percentiles: Readonly<Record<string, string>> = {
  ninetieth_response_time: 'response_time_percentile_90',
  ninety_ninth_response_time: 'response_time_percentile_99',
  'response_time_percentile_0.95': 'response_time_percentile_95',
  'response_time_percentile_0.99': 'response_time_percentile_99',
};

function figures(row: Row): Record<string, number> {
  const named = [...sameNames.map((name) => [name, name] as const), ...Object.entries(percentiles)];
  return Object.fromEntries(
    named.flatMap(([from, to]) => (typeof row[from] === 'number' ? [[to, row[from]] as const] : [])),
  );
}

export function expectedTotal(json: LocustJson): Readonly<Record<string, number>> {
  const total = json.stats.at(-1) ?? {};
  return {
    ...figures(total),
    user_count: json.user_count,
    fail_ratio: json.fail_ratio,
    endpoint_count: json.stats.length - 1,
    response_time_sum: Number(total['avg_response_time']) * Number(total['num_requests']),
  };
}

export function expectedEndpoints(json: LocustJson): ExpectedRow[] {
  return json.stats.slice(0, -1).map((row) => ({
    tags: { method: String(row['method']), name: storedName(String(row['name'])) },
    fields: figures(row),
  }));
}

/** The documented normal form of a tag: backslashes become U+FF3C, control characters spaces. */
function storedName(name: string): string {
  return name.replaceAll('\\', '＼').replace(/[\n\t]/g, ' ');
}

/** Locust repeats its last rates after a test; the closing sample has none. */
export const withoutRates = (fields: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !name.startsWith('current_')));

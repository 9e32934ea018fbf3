/** A percentile's value. `label` is the percentile times 100, a dot written as `_`: 0.95 → `95`, 0.999 → `99_9`. */
export interface Percentile {
  readonly label: string;
  /** ms; undefined when nothing finished in the percentile's window. */
  readonly value: number | undefined;
}

/**
 * The figures of one row of `stats[]`, under Locust's names. Times in ms, sizes in bytes, rates per second.
 * What Locust did not send, or sent as null, NaN or Infinity, is undefined.
 */
export interface RowFigures {
  readonly numRequests: number | undefined;
  readonly numFailures: number | undefined;
  readonly avgResponseTime: number | undefined;
  readonly minResponseTime: number | undefined;
  readonly maxResponseTime: number | undefined;
  readonly medianResponseTime: number | undefined;
  readonly avgContentLength: number | undefined;
  readonly currentRps: number | undefined;
  readonly currentFailPerSec: number | undefined;
  /** Over the whole run. */
  readonly percentiles: readonly Percentile[];
}

/** One endpoint: a row of `stats[]` other than the total. */
export interface EndpointRow extends RowFigures {
  /** Empty where Locust sent null or nothing. */
  readonly method: string;
  readonly name: string;
}

/** One row of `errors[]`. */
export interface ErrorRow {
  readonly method: string;
  readonly name: string;
  /** The error as Python shows it, whichever release and role it came through: `HTTPError('500 …')`. */
  readonly error: string;
  readonly occurrences: number | undefined;
}

/** One worker (slave, before Locust 1.0). */
export interface WorkerRow {
  readonly id: string;
  readonly state: string | undefined;
  readonly userCount: number | undefined;
  /** Percent of one core. */
  readonly cpuUsage: number | undefined;
  /** Bytes. */
  readonly memoryUsage: number | undefined;
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** Which of a row's keys hold percentiles, and their labels. */
export type PercentileKeys = readonly (readonly [key: string, label: string])[];

const percentilePrefix = 'response_time_percentile_';
const namedPercentiles: PercentileKeys = [
  ['ninetieth_response_time', '90'],
  ['ninety_ninth_response_time', '99'],
];

export const noFigures: RowFigures = {
  numRequests: undefined,
  numFailures: undefined,
  avgResponseTime: undefined,
  minResponseTime: undefined,
  maxResponseTime: undefined,
  medianResponseTime: undefined,
  avgContentLength: undefined,
  currentRps: undefined,
  currentFailPerSec: undefined,
  percentiles: [],
};

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value where it is a finite number, else undefined. */
export function finite(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Locust renamed the state in 1.2. */
export function currentStateName(state: string): string {
  return state === 'hatching' ? 'spawning' : state;
}

/** The percentiles among an object's keys, whichever the user configured; they are the same in every row of one answer. */
export function percentileKeys(row: JsonObject): PercentileKeys {
  const configured = Object.keys(row).flatMap((key) => {
    const label = key.startsWith(percentilePrefix) ? percentileLabel(key.slice(percentilePrefix.length)) : undefined;
    return label === undefined ? [] : [[key, label] as const];
  });
  return [...namedPercentiles.filter(([key]) => key in row), ...configured];
}

function percentileLabel(fraction: string): string | undefined {
  const percentile = Number(fraction);
  if (!/^[01]?\.?\d+$/.test(fraction) || percentile <= 0 || percentile > 1) return undefined;
  // 0.57 × 100 is 56.99999999999999 in binary floating point.
  return String(Number((percentile * 100).toPrecision(12))).replace('.', '_');
}

export function parseFigures(row: JsonObject, percentiles: PercentileKeys): RowFigures {
  return {
    numRequests: finite(row['num_requests']),
    numFailures: finite(row['num_failures']),
    avgResponseTime: finite(row['avg_response_time']),
    minResponseTime: finite(row['min_response_time']),
    maxResponseTime: finite(row['max_response_time']),
    medianResponseTime: finite(row['median_response_time']),
    avgContentLength: finite(row['avg_content_length']),
    currentRps: finite(row['current_rps']),
    currentFailPerSec: finite(row['current_fail_per_sec']),
    percentiles: percentiles.map(([key, label]) => ({ label, value: finite(row[key]) })),
  };
}

/** An endpoint, or undefined when the row has no name. */
export function parseEndpoint(row: unknown, percentiles: PercentileKeys): EndpointRow | undefined {
  if (!isObject(row) || typeof row['name'] !== 'string') return undefined;
  const method = typeof row['method'] === 'string' ? row['method'] : '';
  // In this order V8 copies the figures as a whole.
  return { ...parseFigures(row, percentiles), method, name: row['name'] };
}

/** An error, or undefined when the row has no text. */
export function parseError(row: unknown): ErrorRow | undefined {
  if (!isObject(row) || typeof row['error'] !== 'string') return undefined;
  return {
    method: typeof row['method'] === 'string' ? row['method'] : '',
    name: typeof row['name'] === 'string' ? row['name'] : '',
    error: withoutRepr(unescapeHtml(row['error'])),
    // Misspelt until 0.12.0.
    occurrences: finite(row['occurrences'] ?? row['occurences']),
  };
}

/** A worker, or undefined when the row has no id. */
export function parseWorker(row: unknown): WorkerRow | undefined {
  if (!isObject(row) || typeof row['id'] !== 'string') return undefined;
  return {
    id: row['id'],
    state: typeof row['state'] === 'string' ? currentStateName(row['state']) : undefined,
    userCount: finite(row['user_count']),
    cpuUsage: finite(row['cpu_usage']),
    memoryUsage: finite(row['memory_usage']),
  };
}

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#x27;': "'",
};

/**
 * Undoes Python's `html.escape`, which Locust 1.0 to 2.27 applied to error texts.
 * A text with one of the escaped characters in it was never escaped, and stays as it is.
 */
function unescapeHtml(text: string): string {
  if (!text.includes('&') || /[<>"']/.test(text)) return text;
  return text.replace(/&(?:amp|lt|gt|quot|#x27);/g, (entity) => entities[entity] ?? entity);
}

/**
 * Undoes the second `repr` that masters up to 2.12, and 0.14 always, put around an error: quotes around the whole text
 * and backslashes before quotes inside. What Locust shows only once starts with the name of a class.
 */
function withoutRepr(text: string): string {
  const quote = text[0];
  if ((quote !== "'" && quote !== '"') || text.length < 2 || !text.endsWith(quote)) return text;
  return text.slice(1, -1).replace(/\\(['"\\])/g, '$1');
}

import { plainErrorText } from './error-text.ts';
import { isObject } from './is-object.ts';
import type { JsonObject } from './is-object.ts';
import { reportLimits as limits } from './limits.ts';
import { pythonText } from './python-text.ts';

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
  /**
   * Sum of all response times, which the companion sends. Locust's own answer has their mean alone, over requests that
   * have a time; of how many that is it says nothing.
   */
  readonly responseTimeSum?: number | undefined;
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

/** The value where it is a number that every store takes, else undefined; what is next to nothing is 0. */
export function figure(value: unknown): number | undefined {
  if (typeof value !== 'number' || !(Math.abs(value) <= limits.maxFigure)) return undefined;
  return Math.abs(value) < limits.minFigure ? 0 : value;
}

/** A state under today's name, which Locust gave it in 1.2, and no longer than a state may be. */
export function currentStateName(state: string): string {
  return state === 'hatching' ? 'spawning' : state.slice(0, limits.maxStateLength);
}

/**
 * The percentiles among an object's keys, whichever the user configured, one key for each; they are the same in every
 * row of one answer. @returns all of them: of more than `maxPercentiles` the caller takes the first
 */
export function percentileKeys(row: JsonObject): PercentileKeys {
  const keyByLabel = new Map<string, string>();
  for (const [key, label] of namedPercentiles) if (key in row) keyByLabel.set(label, key);
  for (const key of Object.keys(row)) {
    const label = key.startsWith(percentilePrefix) ? percentileLabel(key.slice(percentilePrefix.length)) : undefined;
    if (label !== undefined && !keyByLabel.has(label)) keyByLabel.set(label, key);
  }
  return Array.from(keyByLabel, ([label, key]) => [key, label] as const);
}

/** `95` for 0.95; undefined for what is no percentile. */
export function percentileLabel(fraction: string): string | undefined {
  if (fraction.length > limits.maxNumberLength) return undefined;
  const percentile = Number(fraction);
  if (!/^[01]?\.?\d+$/.test(fraction) || percentile <= 0 || percentile > 1) return undefined;
  // 0.57 × 100 is 56.99999999999999 in binary floating point.
  return labelOfPercent(Number((percentile * 100).toPrecision(12)));
}

/** `99_9` for 99.9. */
export function labelOfPercent(percent: number): string {
  return String(percent).replace('.', '_');
}

export function parseFigures(row: JsonObject, percentiles: PercentileKeys): RowFigures {
  return {
    numRequests: figure(row['num_requests']),
    numFailures: figure(row['num_failures']),
    avgResponseTime: figure(row['avg_response_time']),
    minResponseTime: figure(row['min_response_time']),
    maxResponseTime: figure(row['max_response_time']),
    medianResponseTime: figure(row['median_response_time']),
    avgContentLength: figure(row['avg_content_length']),
    responseTimeSum: figure(row['total_response_time']),
    currentRps: figure(row['current_rps']),
    currentFailPerSec: figure(row['current_fail_per_sec']),
    percentiles: percentiles.map(([key, label]) => ({ label, value: figure(row[key]) })),
  };
}

/** An endpoint, or undefined when the row has no name. */
export function parseEndpoint(row: unknown, percentiles: PercentileKeys): EndpointRow | undefined {
  if (!isObject(row)) return undefined;
  const name = pythonText(row['name']);
  // In this order V8 copies the figures as a whole.
  return name === undefined ? undefined : { ...parseFigures(row, percentiles), method: methodOf(row), name };
}

/** Empty where Locust sent null or nothing. */
function methodOf({ method }: JsonObject): string {
  return method === null ? '' : (pythonText(method) ?? '');
}

/** An error, or undefined when the row has no text. */
export function parseError(row: unknown): ErrorRow | undefined {
  if (!isObject(row)) return undefined;
  const error = pythonText(row['error']);
  if (error === undefined) return undefined;
  return {
    method: methodOf(row),
    name: pythonText(row['name']) ?? '',
    error: plainErrorText(error),
    // Misspelt until 0.12.0.
    occurrences: figure(row['occurrences'] ?? row['occurences']),
  };
}

/** A worker, or undefined when the row has no id. */
export function parseWorker(row: unknown): WorkerRow | undefined {
  if (!isObject(row)) return undefined;
  const id = pythonText(row['id']);
  if (id === undefined) return undefined;
  return {
    id,
    state: typeof row['state'] === 'string' ? currentStateName(row['state']) : undefined,
    userCount: figure(row['user_count']),
    cpuUsage: figure(row['cpu_usage']),
    memoryUsage: figure(row['memory_usage']),
  };
}

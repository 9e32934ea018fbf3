import { dialectOf } from './dialect.ts';
import { parseLenientJson } from './lenient-json.ts';
import {
  currentStateName,
  finite,
  isObject,
  noFigures,
  parseEndpoint,
  parseError,
  parseFigures,
  parseWorker,
  percentileKeys,
} from './rows.ts';
import type { EndpointRow, ErrorRow, JsonObject, Percentile, RowFigures, WorkerRow } from './rows.ts';

export type { EndpointRow, ErrorRow, Percentile, RowFigures, WorkerRow } from './rows.ts';

/** What one answer of `/stats/requests` says, whatever the release that sent it. */
export interface Report {
  /** `ready`, `spawning` (also for `hatching`), `running`, `cleanup`, `stopping`, `stopped`, `missing`, or what a newer Locust says. */
  readonly state: string;
  readonly userCount: number | undefined;
  /** The total row; its counters are undefined where Locust cut it off (0.8 to 0.12.1 beyond 500 rows). */
  readonly total: RowFigures;
  /** Failures by requests of the whole test, 0 to 1. */
  readonly failRatio: number | undefined;
  /** Over Locust's last ten seconds. */
  readonly currentPercentiles: readonly Percentile[];
  readonly endpoints: readonly EndpointRow[];
  readonly errors: readonly ErrorRow[];
  /** Undefined where Locust is no master. */
  readonly workers: readonly WorkerRow[] | undefined;
  /** Masters only; workers that Locust lost are not counted. */
  readonly workerCount: number | undefined;
  /** True when Locust's own cut at 500 rows was reached. */
  readonly truncated: boolean;
  /** Rows of any list that were no rows and were left out. */
  readonly badRows: number;
}

/** A report and the releases that may have sent it (see `dialectOf`), or why the text is none, without anything from it. */
export type ParsedReport =
  | { readonly ok: true; readonly report: Report; readonly dialect: string }
  | { readonly ok: false; readonly message: string };

/** Locust sends at most this many rows of `stats[]`, before the total row. */
const locustRowLimit = 500;
const totalNames = new Set(['Total', 'Aggregated']);

/** Reads the body of an answer from any Locust, 0.8 to today. Never throws. */
export function parseReport(text: string): ParsedReport {
  if (text.trim() === '') return { ok: false, message: 'the answer is empty' };
  let json: unknown;
  try {
    json = parseLenientJson(text);
  } catch {
    return { ok: false, message: whatItIsInstead(text) };
  }
  if (!isObject(json) || !Array.isArray(json['stats']) || typeof json['state'] !== 'string') {
    return { ok: false, message: "the answer is JSON, but not Locust's statistics (no `stats` and `state`)" };
  }
  const stats = json['stats'] as readonly unknown[];
  return { ok: true, report: toReport(json, stats, json['state']), dialect: dialectOf(json, stats) };
}

function whatItIsInstead(text: string): string {
  const start = text.trimStart();
  if (start.startsWith('<')) return 'the answer is an HTML page, perhaps a login page or another service';
  if (start.startsWith('{')) return 'the answer is not complete JSON; it may have been cut off';
  return "the answer is not JSON, so not Locust's statistics";
}

function toReport(json: JsonObject, stats: readonly unknown[], state: string): Report {
  const totalRow = totalRowOf(stats);
  const rows = totalRow === undefined ? stats : stats.slice(0, -1);
  const keys = percentileKeys(totalRow ?? rows.find(isObject) ?? {});
  const endpoints = kept(rows, (row) => parseEndpoint(row, keys));
  const errors = kept(list(json['errors']), parseError);
  const workerRows = json['workers'] ?? json['slaves'];
  const workers = Array.isArray(workerRows) ? kept(workerRows, parseWorker) : undefined;
  return {
    state: currentStateName(state),
    userCount: finite(json['user_count']),
    total: totalRow === undefined ? totalWithoutRow(json, rows) : parseFigures(totalRow, keys),
    failRatio: finite(json['fail_ratio']),
    currentPercentiles: currentPercentiles(json),
    endpoints: endpoints.good,
    errors: errors.good,
    workers: workers?.good,
    workerCount: finite(json['worker_count'] ?? json['slave_count']) ?? workers?.good.filter(isThere).length,
    truncated: rows.length >= locustRowLimit,
    badRows: endpoints.bad + errors.bad + (workers?.bad ?? 0),
  };
}

/** The whole-test total: always the last row, without a method. */
function totalRowOf(stats: readonly unknown[]): JsonObject | undefined {
  const last = stats.at(-1);
  if (!isObject(last) || typeof last['name'] !== 'string') return undefined;
  const hasMethod = typeof last['method'] === 'string' && last['method'] !== '';
  return totalNames.has(last['name']) && !hasMethod ? last : undefined;
}

/** Where Locust cut the total row off (before 0.12.2), its top-level `total_rps` still is the current rate. */
function totalWithoutRow(json: JsonObject, rows: readonly unknown[]): RowFigures {
  const wasCut = rows.length >= locustRowLimit;
  return wasCut ? { ...noFigures, currentRps: finite(json['total_rps']) } : noFigures;
}

/** `_1` and `_2` are named by their place in Locust's setting, whose default is 0.5 and 0.95. */
const currentPercentileKeys = [
  ['current_response_time_percentile_50', '50'],
  ['current_response_time_percentile_95', '95'],
  ['current_response_time_percentile_1', '50'],
  ['current_response_time_percentile_2', '95'],
] as const;

function currentPercentiles(json: JsonObject): readonly Percentile[] {
  const configured = json['current_response_time_percentiles'];
  if (isObject(configured)) {
    return percentileKeys(configured).map(([key, label]) => ({ label, value: finite(configured[key]) }));
  }
  return currentPercentileKeys
    .filter(([key]) => key in json)
    .map(([key, label]) => ({ label, value: finite(json[key]) }));
}

const isThere = (worker: WorkerRow): boolean => worker.state !== 'missing';

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function kept<Row>(
  rows: readonly unknown[],
  parse: (row: unknown) => Row | undefined,
): { readonly good: readonly Row[]; readonly bad: number } {
  const good: Row[] = [];
  for (const row of rows) {
    const parsed = parse(row);
    if (parsed !== undefined) good.push(parsed);
  }
  return { good, bad: rows.length - good.length };
}

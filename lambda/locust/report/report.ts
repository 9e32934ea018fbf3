import { currentPercentiles } from './current-percentiles.ts';
import { BoundedJsonReader } from './bounded-json.ts';
import type { BoundedJson } from './bounded-json.ts';
import { dialectOf } from './dialect.ts';
import { isObject } from './is-object.ts';
import type { JsonObject } from './is-object.ts';
import { reportLimits as limits } from './limits.ts';
import { noticesOf } from './notices.ts';
import type { Notice } from './notices.ts';
import {
  currentStateName,
  figure,
  parseEndpoint,
  parseError,
  parseFigures,
  parseWorker,
  percentileKeys,
} from './rows.ts';
import type { EndpointRow, ErrorRow, Percentile, PercentileKeys, RowFigures, WorkerRow } from './rows.ts';
import { countersAgeMs, isCut, totalRowOf, totalWithoutRow } from './total-row.ts';
import { setupOfReport } from '../test-setup.ts';
import type { TestSetup } from '../test-setup.ts';
import type { Cuts } from './trim-json.ts';

export type { EndpointRow, ErrorRow, Percentile, RowFigures, WorkerRow } from './rows.ts';
export type { Notice } from './notices.ts';

/** What one answer of `/stats/requests` says, whatever the release that sent it. */
export interface Report {
  /** `ready`, `spawning` (also for `hatching`), `running`, `cleanup`, `stopping`, `stopped`, `missing`, or what a newer Locust says. */
  readonly state: string;
  readonly userCount: number | undefined;
  /** The total row; its counters are undefined where Locust cut it off (0.8 to 0.12.1 beyond 500 rows). */
  readonly total: RowFigures;
  /** For how long Locust's counters have been counting, to the last request, ms; undefined where the release does not say. */
  readonly countersAgeMs: number | undefined;
  /** Failures by requests of the whole test, 0 to 1. */
  readonly failRatio: number | undefined;
  /** Over Locust's last ten seconds. */
  readonly currentPercentiles: readonly Percentile[];
  readonly endpoints: readonly EndpointRow[];
  readonly errors: readonly ErrorRow[];
  /** Undefined where Locust is no master. */
  readonly workers: readonly WorkerRow[] | undefined;
  /** Users of the workers beyond `maxWorkers`; undefined when there are none. */
  readonly otherWorkers: { readonly userCount: number | undefined } | undefined;
  /** Masters only; workers that Locust lost are not counted. */
  readonly workerCount: number | undefined;
  /** True when Locust's own cut at 500 rows was reached. */
  readonly truncated: boolean;
  /** What the tester asked for; only a report that a load test sends by itself says so. */
  readonly setup?: TestSetup | undefined;
  /** True where rows of endpoints are not in `endpoints`: what they counted is in the total alone. */
  readonly lacksEndpoints: boolean;
  /** Rows of any list that were no rows, or of an endpoint that had one already, and were left out. */
  readonly badRows: number;
  /** What of the answer is not in the report, for a person. */
  readonly notices: readonly Notice[];
}

/** A report and the releases that may have sent it (see `dialectOf`), or why the text is none, without anything from it. */
export type ParsedReport =
  | { readonly ok: true; readonly report: Report; readonly dialect: string }
  | { readonly ok: false; readonly reason: 'not-locust' | 'too-many-values' | 'too-large'; readonly message: string };

/** Reads an answer that comes in pieces. */
export interface ReportParser {
  push(piece: Uint8Array): void;
  /** How many bytes it holds now: of what was pushed, only what is kept. */
  heldBytes(): number;
  /** When all pieces have come. Never throws. */
  end(): ParsedReport;
}

/** Reads the answer of any Locust, 0.8 to today, within all limits (see `reportLimits`). */
export function createReportParser(): ReportParser {
  const reader = new BoundedJsonReader();
  return {
    push: (piece) => {
      reader.push(piece);
    },
    heldBytes: () => reader.heldBytes,
    end: () => {
      const read = reader.end();
      if (read.ok) return toParsedReport(read);
      return { ok: false, reason: read.reason, message: 'the answer holds more than any report does' };
    },
  };
}

/** The same for an answer that is whole. Never throws. */
export function parseReport(text: string): ParsedReport {
  const parser = createReportParser();
  parser.push(Buffer.from(text));
  return parser.end();
}

function toParsedReport({ value: json, start, cuts }: Extract<BoundedJson, { ok: true }>): ParsedReport {
  if (start === '') return notLocust('the answer is empty');
  if (json === undefined) return notLocust(whatItIsInstead(start));
  if (!isObject(json) || !Array.isArray(json['stats']) || typeof json['state'] !== 'string') {
    return notLocust("the answer is JSON, but not Locust's statistics (no `stats` and `state`)");
  }
  const stats = json['stats'] as readonly unknown[];
  return { ok: true, report: toReport({ json, stats, state: json['state'] }, cuts), dialect: dialectOf(json, stats) };
}

function notLocust(message: string): ParsedReport {
  return { ok: false, reason: 'not-locust', message };
}

function whatItIsInstead(start: string): string {
  if (start === '<') return 'the answer is an HTML page, perhaps a login page or another service';
  if (start === '{') return 'the answer is not complete JSON; it may have been cut off';
  return "the answer is not JSON, so not Locust's statistics";
}

interface StatsAnswer {
  readonly json: JsonObject;
  readonly stats: readonly unknown[];
  readonly state: string;
}

function toReport({ json, stats, state }: StatsAnswer, cuts: Cuts): Report {
  const totalRow = totalRowOf(stats);
  const rows = totalRow === undefined ? stats : stats.slice(0, -1);
  const allKeys = percentileKeys(totalRow ?? rows.find(isObject) ?? {});
  const keys = allKeys.slice(0, limits.maxPercentiles);
  const current = currentPercentiles(json);
  const endpoints = kept(rows, firstOfEachEndpoint(keys));
  const errorRows = list(json['errors']);
  const errors = kept(errorRows.slice(0, limits.maxErrors), parseError);
  const workers = workersOf(json);
  const badRows = endpoints.bad + errors.bad + (workers?.bad ?? 0);
  return {
    state: currentStateName(state),
    userCount: figure(json['user_count']),
    total: totalRow === undefined ? totalWithoutRow(json, rows) : parseFigures(totalRow, keys),
    countersAgeMs: countersAgeMs(totalRow),
    failRatio: figure(json['fail_ratio']),
    currentPercentiles: current.percentiles.slice(0, limits.maxPercentiles),
    endpoints: endpoints.good,
    errors: errors.good,
    workers: workers?.good,
    otherWorkers: workers?.others,
    workerCount: figure(json['worker_count'] ?? json['slave_count']) ?? workers?.count,
    truncated: isCut(rows),
    lacksEndpoints: isCut(rows) || endpoints.bad > 0,
    setup: setupOfReport(json['setup']),
    badRows,
    notices: noticesOf({
      cuts,
      badRows,
      hasAssumedPercentiles: current.areAssumed,
      locustCutRows: isCut(rows),
      maxPercentiles: Math.max(allKeys.length, current.percentiles.length),
      maxErrors: errorRows.length,
      maxWorkers: workers?.given ?? 0,
    }),
  };
}

/** Reads endpoints, one row of each: two points of one endpoint would be one. */
function firstOfEachEndpoint(keys: PercentileKeys): (row: unknown) => EndpointRow | undefined {
  const methodsByName = new Map<string, Set<string>>();
  return (row) => {
    const endpoint = parseEndpoint(row, keys);
    if (endpoint === undefined) return undefined;
    const { method, name } = endpoint;
    const methods = methodsByName.get(name);
    if (methods?.has(method) === true) return undefined;
    if (methods === undefined) methodsByName.set(name, new Set([method]));
    else methods.add(method);
    return endpoint;
  };
}

/** Undefined where Locust is no master. */
function workersOf(json: JsonObject) {
  const rows = json['workers'] ?? json['slaves'];
  if (!Array.isArray(rows)) return undefined;
  const { good, bad } = kept(rows, parseWorker);
  const others = good.slice(limits.maxWorkers);
  // Of a list that was cut nobody knows how long it was.
  const isWhole = rows.length <= limits.maxRows;
  const userCount = others.reduce((sum, worker) => sum + (worker.userCount ?? 0), 0);
  return {
    good: good.slice(0, limits.maxWorkers),
    bad,
    given: rows.length,
    others: others.length === 0 ? undefined : { userCount: isWhole ? userCount : undefined },
    count: isWhole ? good.filter(isThere).length : undefined,
  };
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

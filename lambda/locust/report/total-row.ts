import { isObject } from './is-object.ts';
import type { JsonObject } from './is-object.ts';
import { figure, noFigures } from './rows.ts';
import type { RowFigures } from './rows.ts';

/** Locust sends at most this many rows of `stats[]`, before the total row. */
const locustRowLimit = 500;
const totalNames = new Set(['Total', 'Aggregated']);

/** Whether Locust's own cut was reached. @param rows of `stats[]`, without the total row */
export function isCut(rows: readonly unknown[]): boolean {
  return rows.length >= locustRowLimit;
}

/** The whole-test total: always the last row, without a method. */
export function totalRowOf(stats: readonly unknown[]): JsonObject | undefined {
  const last = stats.at(-1);
  if (!isObject(last) || typeof last['name'] !== 'string') return undefined;
  const hasMethod = typeof last['method'] === 'string' && last['method'] !== '';
  return totalNames.has(last['name']) && !hasMethod ? last : undefined;
}

/** Where Locust cut the total row off (before 0.12.2), its top-level `total_rps` still is the current rate. */
export function totalWithoutRow(json: JsonObject, rows: readonly unknown[]): RowFigures {
  return isCut(rows) ? { ...noFigures, currentRps: figure(json['total_rps']) } : noFigures;
}

/** Undefined where the release does not say (newer ones have an average rate in each row), and before the first request. */
export function countersAgeMs(totalRow: JsonObject | undefined): number | undefined {
  const [requests, averageRps] = [figure(totalRow?.['num_requests']), figure(totalRow?.['total_rps'])];
  return requests !== undefined && averageRps !== undefined && averageRps > 0
    ? (requests / averageRps) * 1000
    : undefined;
}

import type { Percentile, RowFigures } from '../../locust/report/report.ts';
import { floatField, integerField, isCount } from './point.ts';

/** `95`, `99_9`; no longer than a printed double. */
const percentileLabel = /^[\w.+-]{1,32}$/;

/**
 * The fields that a row of `stats[]` gives, the total row as well as an endpoint's, except `fail_ratio`.
 * What is undefined, not finite, or for a count no non-negative integer, is left out.
 */
export function rowFields(row: RowFigures): string {
  return (
    integerField('num_requests', row.numRequests) +
    integerField('num_failures', row.numFailures) +
    floatField('response_time_sum', responseTimeSum(row)) +
    floatField('current_rps', row.currentRps) +
    floatField('current_fail_per_sec', row.currentFailPerSec) +
    floatField('avg_response_time', row.avgResponseTime) +
    floatField('min_response_time', row.minResponseTime) +
    floatField('max_response_time', row.maxResponseTime) +
    floatField('median_response_time', row.medianResponseTime) +
    floatField('avg_content_length', row.avgContentLength) +
    percentileFields('response_time_percentile_', row.percentiles)
  );
}

/** Failures by requests, 0 to 1; nothing of a row without requests. */
export function failRatioField({ numRequests = 0, numFailures }: RowFigures): string {
  return numRequests > 0 && numFailures !== undefined ? floatField('fail_ratio', numFailures / numRequests) : '';
}

/** One float per percentile, the first of those with one label. A label that is no number is left out. */
export function percentileFields(prefix: string, percentiles: readonly Percentile[]): string {
  let fields = '';
  // A loop over the few before it costs less than a set of them for every row.
  for (const [at, { label, value }] of percentiles.entries()) {
    if (percentileLabel.test(label) && !hasLabel(percentiles, at, label)) fields += floatField(prefix + label, value);
  }
  return fields;
}

/** Whether one of the first so many percentiles has a label. */
function hasLabel(percentiles: readonly Percentile[], count: number, label: string): boolean {
  for (let at = 0; at < count; at += 1) if (percentiles[at]?.label === label) return true;
  return false;
}

/** The only fields that can be added up over rows: those of the point `(other)`. */
export function summedRowFields(rows: readonly RowFigures[]): string {
  return fieldsOf(sumsOf(rows));
}

type Sums = Readonly<
  Record<'numRequests' | 'numFailures' | 'responseTimeSum' | 'currentRps' | 'currentFailPerSec', number | undefined>
>;

function sumsOf(rows: readonly RowFigures[]): Sums {
  let numRequests: number | undefined;
  let numFailures: number | undefined;
  let responseTimes: number | undefined;
  let currentRps: number | undefined;
  let currentFailPerSec: number | undefined;
  for (const row of rows) {
    numRequests = plus(numRequests, countOf(row.numRequests));
    numFailures = plus(numFailures, countOf(row.numFailures));
    responseTimes = plus(responseTimes, responseTimeSum(row));
    currentRps = plus(currentRps, row.currentRps);
    currentFailPerSec = plus(currentFailPerSec, row.currentFailPerSec);
  }
  return { numRequests, numFailures, responseTimeSum: responseTimes, currentRps, currentFailPerSec };
}

function fieldsOf(sums: Sums): string {
  return (
    integerField('num_requests', sums.numRequests) +
    integerField('num_failures', sums.numFailures) +
    floatField('response_time_sum', sums.responseTimeSum) +
    floatField('current_rps', sums.currentRps) +
    floatField('current_fail_per_sec', sums.currentFailPerSec)
  );
}

/**
 * The same of what a total has more than some of its rows. Nothing when that is no request, or when the total says less
 * than its rows do.
 */
export function differenceFields(total: RowFigures, rows: readonly RowFigures[]): string {
  const sums = sumsOf(rows);
  const left = {
    numRequests: minus(total.numRequests, sums.numRequests),
    numFailures: minus(total.numFailures, sums.numFailures),
    responseTimeSum: minus(responseTimeSum(total), sums.responseTimeSum),
    currentRps: minus(total.currentRps, sums.currentRps),
    currentFailPerSec: minus(total.currentFailPerSec, sums.currentFailPerSec),
  };
  return (left.numRequests ?? 0) > 0 ? fieldsOf(left) : '';
}

/** Rates and sums are rounded in both: what falls below nothing by that is nothing. */
function minus(total: number | undefined, sum = 0): number | undefined {
  return total === undefined ? undefined : Math.max(0, total - sum);
}

/** The sum of those that are counts; undefined when none is. */
export function sumCounts(values: readonly (number | undefined)[]): number | undefined {
  return values.map(countOf).reduce(plus, undefined);
}

/** Undefined for what is no count. */
const countOf = (value: number | undefined): number | undefined => (isCount(value) ? value : undefined);

/** What is undefined or not finite adds nothing; a sum of nothing is undefined. */
function plus(total: number | undefined, value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? (total ?? 0) + value : total;
}

/** Where Locust does not say it: right as long as each request has a time. */
function responseTimeSum({ responseTimeSum: given, numRequests, avgResponseTime }: RowFigures): number | undefined {
  if (given !== undefined) return given;
  return isCount(numRequests) && avgResponseTime !== undefined ? avgResponseTime * numRequests : undefined;
}

import type { Percentile, RowFigures } from '../locust/report.ts';
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

/** One float per percentile, the first of those with one label. A label that is no number is left out. */
export function percentileFields(prefix: string, percentiles: readonly Percentile[]): string {
  let fields = '';
  for (const percentile of percentiles) {
    const { label, value } = percentile;
    const isFirst = percentiles.find((other) => other.label === label) === percentile;
    if (isFirst && percentileLabel.test(label)) fields += floatField(prefix + label, value);
  }
  return fields;
}

/** The only fields that can be added up over rows: those of the point `(other)`. */
export function summedRowFields(rows: readonly RowFigures[]): string {
  return (
    integerField('num_requests', sumCounts(rows.map((row) => row.numRequests))) +
    integerField('num_failures', sumCounts(rows.map((row) => row.numFailures))) +
    floatField('response_time_sum', sum(rows.map(responseTimeSum))) +
    floatField('current_rps', sum(rows.map((row) => row.currentRps))) +
    floatField('current_fail_per_sec', sum(rows.map((row) => row.currentFailPerSec)))
  );
}

/** The sum of those that are counts; undefined when none is. */
export function sumCounts(values: readonly (number | undefined)[]): number | undefined {
  return sum(values.filter(isCount));
}

function sum(values: readonly (number | undefined)[]): number | undefined {
  let total: number | undefined;
  for (const value of values) {
    if (value !== undefined && Number.isFinite(value)) total = (total ?? 0) + value;
  }
  return total;
}

function responseTimeSum({ numRequests, avgResponseTime }: RowFigures): number | undefined {
  return isCount(numRequests) && avgResponseTime !== undefined ? avgResponseTime * numRequests : undefined;
}

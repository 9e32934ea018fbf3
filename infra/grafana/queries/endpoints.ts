import { chosen, inRange, seriesQuery, tableQuery } from '../influxql.ts';

const ofEndpoint = `${inRange} AND ${chosen('name', 'endpoint')}`;

/** So many endpoints have a line of their own; the rest is one. */
export const ownLines = 8;

/** What the line of the rest is called. */
export const theRest = 'all others';

/** The chosen endpoints with the most of a count at their last samples in the time range, by name. */
const foremost = (count: string): string =>
  `SELECT "name", "most" FROM (SELECT top("count", "name", ${ownLines}) AS "most" FROM (SELECT sum("count") AS "count" ` +
  `FROM (SELECT last("${count}") AS "count" FROM "locust_endpoint" WHERE ${ofEndpoint} GROUP BY "method", "name") ` +
  'GROUP BY "name")) WHERE "most" > 0';

/** What the hidden variables of the dashboard Run ask, by their names. */
export const foremostQueries = { busiest: foremost('num_requests'), failing: foremost('num_failures') } as const;

type Foremost = keyof typeof foremostQueries;

const among = (those: Foremost): string => `${inRange} AND ${chosen('name', those)}`;
const notAmong = (those: Foremost): string => `${ofEndpoint} AND ${chosen('name', those).replace('=~', '!~')}`;

interface ByEndpoint {
  readonly those: Foremost;
  /** A column named `value` of each endpoint in each interval. @param where which endpoints */
  readonly each: (where: string) => string;
  /** What becomes of the rest: one value of many. */
  readonly rest?: string;
}

/** A line for each of the foremost, and one for all others together. */
const linesByEndpoint = ({ those, each, rest = 'sum("value")' }: ByEndpoint) => [
  seriesQuery(`SELECT "value" FROM ${each(among(those))} GROUP BY "method", "name"`, {
    alias: '$tag_method $tag_name',
  }),
  seriesQuery(
    `SELECT ${rest} AS "${theRest}" FROM ${each(notAmong(those))} AND $timeFilter GROUP BY time($__interval) fill(none)`,
    { refId: 'B' },
  ),
];

const byInterval = 'GROUP BY time($__interval), "method", "name" fill(none)';

/** The mean of a rate, which Locust has counted over its last ten seconds. */
const rate = (field: string) => (where: string) =>
  `(SELECT mean("${field}") AS "value" FROM "locust_endpoint" WHERE ${where} ${byInterval}) WHERE "value" >= 0`;

/** Requests with a response time: of the others the mean knows nothing. A difference of less than a half is rounding. */
export const timedRequests = '"response_time_sum" / "avg_response_time"';

/** What was added between two intervals, and its mean. */
const intervalMeans = (where: string): string =>
  '(SELECT "sum" / "timed" AS "value", "sum" AS "sum", "timed" AS "timed" FROM ' +
  '(SELECT non_negative_difference("sum") AS "sum", ' +
  'non_negative_difference("timed") AS "timed" FROM (SELECT last("sum") AS "sum", last("timed") AS "timed" FROM ' +
  `(SELECT "response_time_sum" AS "sum", ${timedRequests} AS "timed" FROM "locust_endpoint" WHERE ${where} ` +
  `GROUP BY "method", "name") ${byInterval}) GROUP BY "method", "name") GROUP BY "method", "name") WHERE "timed" > 0.5`;

/** Counters, so that no failure between two samples is missed; only where there are any. */
const failures = (where: string): string =>
  '(SELECT non_negative_derivative(last("num_failures"), 1s) AS "value" ' +
  `FROM "locust_endpoint" WHERE ${where} ${byInterval}) WHERE "value" > 0`;

/** What the dashboard Run asks of the chosen endpoints. */
export const endpointQueries = {
  requestRates: linesByEndpoint({ those: 'busiest', each: rate('current_rps') }),
  means: linesByEndpoint({ those: 'busiest', each: intervalMeans, rest: 'sum("sum") / sum("timed")' }),
  failures: linesByEndpoint({ those: 'failing', each: failures }),
  failureRate: seriesQuery(
    `SELECT sum("value") AS "Failures/s" FROM ${rate('current_fail_per_sec')(ofEndpoint)} AND $timeFilter ` +
      'GROUP BY time($__interval) fill(none)',
  ),
  errors: tableQuery(
    'SELECT "Count", "method", "name", "error", "Example" FROM (SELECT last("occurrences") AS "Count", ' +
      `"message" AS "Example" FROM "locust_error" WHERE ${ofEndpoint} GROUP BY "method", "name", "error")`,
  ),
  table: tableQuery(
    'SELECT "method", "name", "Requests", "Failures", "Failed", "Mean", "Median", "p95", "p99", "Min", "Max", ' +
      '"Requests/s", "Size" FROM (SELECT last("num_requests") AS "Requests", "num_failures" AS "Failures", ' +
      '"fail_ratio" AS "Failed", "avg_response_time" AS "Mean", "median_response_time" AS "Median", ' +
      '"response_time_percentile_95" AS "p95", "response_time_percentile_99" AS "p99", ' +
      '"min_response_time" AS "Min", "max_response_time" AS "Max", ' +
      '"current_rps" AS "Requests/s", "avg_content_length" AS "Size" ' +
      `FROM "locust_endpoint" WHERE ${ofEndpoint} GROUP BY "method", "name")`,
  ),
  pictures: seriesQuery(`SELECT "value" AS "Mean" FROM ${intervalMeans(ofEndpoint)} GROUP BY "method", "name"`, {
    refId: 'B',
    alias: '$tag_method $tag_name',
  }),
};

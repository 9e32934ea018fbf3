import { chosen, inRange, ofRun, seriesQuery, tableQuery } from '../influxql.ts';
import { wholeRun } from './whole-run.ts';

/** The latest of one column of `locust_total`. */
const latest = (field: string, name: string) =>
  seriesQuery(`SELECT last("${field}") AS "${name}" FROM "locust_total" WHERE ${inRange}`);

/** A column of `locust_total` at every sample: never further apart than a minute, whatever the range. */
const everySample = (columns: string, refId = 'A') =>
  seriesQuery(`SELECT ${columns} FROM "locust_total" WHERE ${inRange}`, { refId });

/** The highest of a column of each worker in each interval: there may be hundreds, sampled for hours. */
const ofWorkers = (field: string) =>
  seriesQuery(
    `SELECT max("${field}") FROM "locust_worker" WHERE ${inRange} GROUP BY time($__interval), "worker" fill(none)`,
    { alias: '$tag_worker' },
  );

const ofEndpoint = `${inRange} AND ${chosen('name', 'endpoint')}`;

/** What the rows of the dashboard Run ask. */
export const runQueries = {
  // Whenever it was: a run is chosen by name, and the time range may hold nothing of it.
  chosen: [
    tableQuery(
      'SELECT "run" AS "Run", "Started", "Duration", "Started" AS "Time range", "From", "Until" FROM ' +
        `(SELECT ${wholeRun} FROM "locust_total" WHERE ${ofRun()} GROUP BY "run")`,
    ),
    tableQuery(
      'SELECT "run" AS "Run", "Ended" FROM (SELECT last("text") AS "Ended" FROM "locust_event" ' +
        `WHERE "event" = 'stop' AND ${ofRun()} GROUP BY "run")`,
      { refId: 'B' },
    ),
  ],

  state: seriesQuery(`SELECT last("state") AS "State" FROM "locust_scrape" WHERE ${inRange}`),
  users: latest('user_count', 'Users'),
  requestRate: latest('current_rps', 'Requests/s'),
  failureRate: latest('current_fail_per_sec', 'Failures/s'),
  failRatio: latest('fail_ratio', 'Failed'),
  requests: latest('num_requests', 'Requests'),
  failures: latest('num_failures', 'Failures'),
  workers: latest('worker_count', 'Workers'),

  loadAndUsers: everySample('"current_rps" AS "Requests/s", "user_count" AS "Users"'),
  failureRateOverTime: everySample('"current_fail_per_sec" AS "Failures/s"'),
  currentPercentiles: everySample(
    '"current_response_time_percentile_50" AS "p50", "current_response_time_percentile_95" AS "p95"',
  ),
  // What was added between two samples. Where nothing finished there is no mean; a reset gives none either.
  intervalMean: seriesQuery(
    'SELECT "sum" / "requests" AS "Mean" FROM (SELECT non_negative_difference("response_time_sum") AS "sum", ' +
      `non_negative_difference("num_requests") AS "requests" FROM "locust_total" WHERE ${inRange}) WHERE "requests" > 0`,
    { refId: 'B' },
  ),

  // Counters, so that no failure between two samples is missed; only where there are any.
  failuresByEndpoint: seriesQuery(
    'SELECT "failures" FROM (SELECT non_negative_derivative(last("num_failures"), 1s) AS "failures" ' +
      `FROM "locust_endpoint" WHERE ${ofEndpoint} GROUP BY time($__interval), "method", "name" fill(none)) ` +
      'WHERE "failures" > 0 GROUP BY "method", "name"',
    { alias: '$tag_method $tag_name' },
  ),
  errors: tableQuery(
    'SELECT "Count", "method", "name", "error", "Example" FROM (SELECT last("occurrences") AS "Count", ' +
      `"message" AS "Example" FROM "locust_error" WHERE ${ofEndpoint} GROUP BY "method", "name", "error")`,
  ),

  endpoints: tableQuery(
    'SELECT "method", "name", "Requests", "Failures", "Failed", "Mean", "Median", "p90", "p95", "p99", "Min", "Max", ' +
      '"Requests/s", "Size" FROM (SELECT last("num_requests") AS "Requests", "num_failures" AS "Failures", ' +
      '"fail_ratio" AS "Failed", "avg_response_time" AS "Mean", "median_response_time" AS "Median", ' +
      '"response_time_percentile_90" AS "p90", "response_time_percentile_95" AS "p95", ' +
      '"response_time_percentile_99" AS "p99", "min_response_time" AS "Min", "max_response_time" AS "Max", ' +
      '"current_rps" AS "Requests/s", "avg_content_length" AS "Size" ' +
      `FROM "locust_endpoint" WHERE ${ofEndpoint} GROUP BY "method", "name")`,
  ),
  endpointPictures: seriesQuery(
    'SELECT "sum" / "requests" AS "Mean" FROM (SELECT non_negative_difference(last("response_time_sum")) AS "sum", ' +
      'non_negative_difference(last("num_requests")) AS "requests" FROM "locust_endpoint" ' +
      `WHERE ${ofEndpoint} GROUP BY time($__interval), "method", "name" fill(none)) ` +
      'WHERE "requests" > 0 GROUP BY "method", "name"',
    { refId: 'B', alias: '$tag_method $tag_name' },
  ),

  workerCpu: ofWorkers('cpu_usage'),
  workerMemory: ofWorkers('memory_usage'),

  attempts: seriesQuery(`SELECT "state" AS "State", "reason" AS "No answer" FROM "locust_scrape" WHERE ${inRange}`),
  events: tableQuery(`SELECT "event" AS "Event", "text" AS "What happened" FROM "locust_event" WHERE ${inRange}`),
};

/** The chosen run's events of one kind, for annotations. */
export const eventQuery = (event: 'start' | 'stop' | 'reset'): string =>
  `SELECT "text" FROM "locust_event" WHERE "event" = '${event}' AND ${inRange}`;

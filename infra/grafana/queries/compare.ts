import { chosen, ofRun, ofTarget, tableQuery } from '../influxql.ts';
import { wholeRun } from './whole-run.ts';

const sides = [
  { refId: 'A', variable: 'run', column: 'Run' },
  { refId: 'B', variable: 'baseline', column: 'Baseline' },
] as const;

/** One column of `locust_total` of both runs against the seconds since their starts. No time range: runs lie apart. */
const overlaid = (field: string) =>
  sides.map(({ refId, variable }) =>
    tableQuery(
      `SELECT "seconds_since_start" AS "Since start", "${field}" AS "\${${variable}}" FROM "locust_total" ` +
        `WHERE ${ofRun(variable)}`,
      { refId },
    ),
  );

/** What the rows of the dashboard Compare ask. */
export const compareQueries = {
  totals: tableQuery(
    'SELECT "run" AS "Run", "Started", "Duration", "Users", "Requests", "Requests/s", "Failures", "Failed", "Mean", ' +
      `"Median", "p95", "From", "Until" FROM (SELECT ${wholeRun}, max("user_count") AS "Users", ` +
      'last("num_requests") AS "Requests", mean("current_rps") AS "Requests/s", last("num_failures") AS "Failures", ' +
      'last("fail_ratio") AS "Failed", last("avg_response_time") AS "Mean", last("median_response_time") AS "Median", ' +
      'last("response_time_percentile_95") AS "p95" FROM "locust_total" ' +
      `WHERE ${ofTarget} AND (${chosen('run')} OR ${chosen('run', 'baseline')}) GROUP BY "run")`,
  ),
  requestRate: overlaid('current_rps'),
  users: overlaid('user_count'),
  p50: overlaid('current_response_time_percentile_50'),
  p95: overlaid('current_response_time_percentile_95'),
  failureRate: overlaid('current_fail_per_sec'),
  failRatio: overlaid('fail_ratio'),
  endpoints: sides.map(({ refId, variable, column }) =>
    tableQuery(
      `SELECT "method", "name", "Mean ${column}", "p95 ${column}", "Failed ${column}", "Requests ${column}" FROM ` +
        `(SELECT last("num_requests") AS "Requests ${column}", "avg_response_time" AS "Mean ${column}", ` +
        `"response_time_percentile_95" AS "p95 ${column}", "fail_ratio" AS "Failed ${column}" ` +
        `FROM "locust_endpoint" WHERE ${ofRun(variable)} GROUP BY "method", "name")`,
      { refId },
    ),
  ),
};

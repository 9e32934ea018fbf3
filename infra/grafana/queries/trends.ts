import { chosen, ofTarget, tableQuery } from '../influxql.ts';
import { wholeRun } from './whole-run.ts';

/** One row per target and run, as it stood at its end, or stands now. */
const runs = (columns: string, of = ofTarget): string =>
  `SELECT "Started", "target", "run", "From", "Until", ${columns} FROM (SELECT ${wholeRun}, ` +
  'mean("current_rps") AS "Requests/s", last("avg_response_time") AS "Mean", last("response_time_percentile_95") AS "p95", ' +
  'last("fail_ratio") AS "Failed", last("num_requests") AS "Requests", max("user_count") AS "Users" ' +
  `FROM "locust_total" WHERE ${of} AND $timeFilter GROUP BY "target", "run")`;

/** What the rows of the dashboard Trends ask. */
export const trendsQueries = {
  requestRate: tableQuery(runs('"Requests/s"')),
  mean: tableQuery(runs('"Mean"')),
  p95: tableQuery(runs('"p95"')),
  failRatio: tableQuery(runs('"Failed"')),
  runs: tableQuery(runs('"Duration", "Users", "Requests", "Requests/s", "Mean", "p95", "Failed"', chosen('project'))),
};

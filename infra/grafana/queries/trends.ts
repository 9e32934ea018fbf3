import { chosen, ofTarget, tableQuery } from '../influxql.ts';

/** A link to a run shows a little of what was before its start, and after its end; ms. */
const aroundMs = 10_000;

/**
 * One row per target and run that is over, of its own point: a figure is of the whole run. `last` makes one row of a run
 * whose target's tags were changed between its end and its last figures.
 */
const runs = (columns: string, of = ofTarget): string =>
  `SELECT "Started", "target", "run", "From", "Until", ${columns} FROM (SELECT last("started_at") AS "Started", ` +
  `last("started_at") - ${aroundMs} AS "From", last("ended_at") + ${aroundMs} AS "Until", ` +
  'last("outcome") AS "Outcome", last("verdict") AS "Verdict", last("duration_seconds") AS "Duration", ' +
  'last("peak_users") AS "Users", last("num_requests") AS "Requests", last("rps") AS "Requests/s", ' +
  'last("avg_response_time") AS "Mean", last("response_time_percentile_95") AS "p95", ' +
  'last("response_time_percentile_99") AS "p99", last("fail_ratio") AS "Failed" ' +
  `FROM "locust_run" WHERE ${of} AND $timeFilter GROUP BY "target", "run")`;

const allOfIt = '"Outcome", "Verdict", "Duration", "Users", "Requests", "Requests/s", "Mean", "p95", "p99", "Failed"';

/** What the rows of the dashboard Trends ask. */
export const trendsQueries = {
  requestRate: tableQuery(runs('"Requests/s"')),
  mean: tableQuery(runs('"Mean"')),
  p95: tableQuery(runs('"p95"')),
  failRatio: tableQuery(runs('"Failed"')),
  runs: tableQuery(runs(allOfIt, chosen('project'))),
};

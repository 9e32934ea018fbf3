import { ofTarget, tableQuery } from '../influxql.ts';

/** So long after its last sample a run's end is on record as well; ms. */
const untilEndMs = 120_000;
/** A link to a run shows a little of what was before its start; ms. */
const beforeStartMs = 10_000;

/** One row per target and run, as it stood at its end, or stands now. */
const runs = (columns: string): string =>
  `SELECT "Started", "target", "run", "From", "Until", ${columns} FROM (SELECT last("started_at") AS "Started", ` +
  `last("started_at") - ${beforeStartMs} AS "From", last("started_at") + max("seconds_since_start") * 1000 + ${untilEndMs} AS "Until", ` +
  'mean("current_rps") AS "Requests/s", last("avg_response_time") AS "Mean", last("response_time_percentile_95") AS "p95", ' +
  'last("fail_ratio") AS "Failed", last("num_requests") AS "Requests", max("user_count") AS "Users", ' +
  `max("seconds_since_start") AS "Duration" FROM "locust_total" WHERE ${ofTarget} AND $timeFilter GROUP BY "target", "run")`;

/** What the rows of the dashboard Trends ask. */
export const trendsQueries = {
  requestRate: tableQuery(runs('"Requests/s"')),
  mean: tableQuery(runs('"Mean"')),
  p95: tableQuery(runs('"p95"')),
  failRatio: tableQuery(runs('"Failed"')),
  runs: tableQuery(runs('"Duration", "Users", "Requests", "Requests/s", "Mean", "p95", "Failed"')),
};

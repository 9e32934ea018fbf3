/** So long after its last sample a run's end is on record as well; ms. */
const untilEndMs = 120_000;
/** A link to a run shows a little of what was before its start; ms. */
const beforeStartMs = 10_000;

/** Of `locust_total` by run: when it started, and `From` and `Until` of the time range that shows all of it; ms. */
export const wholeRun =
  `last("started_at") AS "Started", last("started_at") - ${beforeStartMs} AS "From", ` +
  `last("started_at") + max("seconds_since_start") * 1000 + ${untilEndMs} AS "Until", ` +
  'max("seconds_since_start") AS "Duration"';

/** Of `locust_total` by run: its figures as a whole, as Locust counts them, and its mean rate of requests. */
export const wholeRunFigures =
  'max("user_count") AS "Users", last("num_requests") AS "Requests", mean("current_rps") AS "Requests/s", ' +
  'last("num_failures") AS "Failures", last("fail_ratio") AS "Failed", last("avg_response_time") AS "Mean", ' +
  'last("median_response_time") AS "Median", last("response_time_percentile_95") AS "p95", ' +
  'last("response_time_percentile_99") AS "p99"';

/** The columns that `wholeRunFigures` makes. */
export const figureNames = '"Users", "Requests", "Requests/s", "Failures", "Failed", "Mean", "Median", "p95", "p99"';

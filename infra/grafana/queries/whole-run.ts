/** So long after its last sample a run's end is on record as well; ms. */
const untilEndMs = 120_000;
/** A link to a run shows a little of what was before its start; ms. */
const beforeStartMs = 10_000;

/** Of `locust_total` by run: when it started, and `From` and `Until` of the time range that shows all of it; ms. */
export const wholeRun =
  `last("started_at") AS "Started", last("started_at") - ${beforeStartMs} AS "From", ` +
  `last("started_at") + max("seconds_since_start") * 1000 + ${untilEndMs} AS "Until", ` +
  'max("seconds_since_start") AS "Duration"';

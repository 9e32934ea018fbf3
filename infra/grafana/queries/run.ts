import { inRange, ofRun, seriesQuery, tableQuery } from '../influxql.ts';
import { timedRequests } from './endpoints.ts';
import { figureNames, wholeRun, wholeRunFigures } from './whole-run.ts';

/** A column of `locust_total` at every sample: never further apart than a minute, whatever the range. */
const everySample = (columns: string, refId = 'A') =>
  seriesQuery(`SELECT ${columns} FROM "locust_total" WHERE ${inRange}`, { refId });

/** The highest of a column of each worker in each interval: there may be hundreds, sampled for hours. */
const ofWorkers = (field: string) =>
  seriesQuery(
    `SELECT max("${field}") FROM "locust_worker" WHERE ${inRange} GROUP BY time($__interval), "worker" fill(none)`,
    { alias: '$tag_worker' },
  );

/** What the rows of the dashboard Run ask. */
export const runQueries = {
  // Whenever it was: a run is chosen by name, and the time range may hold nothing of it.
  chosen: [
    tableQuery(
      `SELECT "run" AS "Run", "Started", "Duration", "Started" AS "Time range", "From", "Until", ${figureNames} FROM ` +
        `(SELECT ${wholeRun}, ${wholeRunFigures} FROM "locust_total" WHERE ${ofRun()} GROUP BY "run")`,
    ),
    tableQuery(
      'SELECT "run" AS "Run", "Ended" FROM (SELECT last("text") AS "Ended" FROM "locust_event" ' +
        `WHERE "event" = 'stop' AND ${ofRun()} GROUP BY "run")`,
      { refId: 'B' },
    ),
  ],

  loadAndUsers: everySample('"current_rps" AS "Requests/s", "user_count" AS "Users"'),
  currentPercentiles: everySample(
    '"current_response_time_percentile_50" AS "p50", "current_response_time_percentile_95" AS "p95"',
  ),
  // By itself: Locust has it only where it is told to keep it, and a column of nothing would be in the legend.
  currentP99: everySample('"current_response_time_percentile_99" AS "p99"', 'C'),
  // What was added between two samples. Where nothing finished there is no mean; a reset gives none either.
  intervalMean: seriesQuery(
    'SELECT "sum" / "timed" AS "Mean" FROM (SELECT non_negative_difference("sum") AS "sum", ' +
      'non_negative_difference("timed") AS "timed" FROM (SELECT "response_time_sum" AS "sum", ' +
      `${timedRequests} AS "timed" FROM "locust_total" WHERE ${inRange})) WHERE "timed" > 0.5`,
    { refId: 'B' },
  ),

  workers: everySample('"worker_count" AS "Workers"'),
  workerCpu: ofWorkers('cpu_usage'),
  workerMemory: ofWorkers('memory_usage'),

  attempts: seriesQuery(`SELECT "state" AS "State", "reason" AS "No answer" FROM "locust_scrape" WHERE ${inRange}`),
  events: tableQuery(`SELECT "event" AS "Event", "text" AS "What happened" FROM "locust_event" WHERE ${inRange}`),
};

/** The chosen run's events of one kind, for annotations. */
export const eventQuery = (event: 'start' | 'stop' | 'reset'): string =>
  `SELECT "text" FROM "locust_event" WHERE "event" = '${event}' AND ${inRange}`;

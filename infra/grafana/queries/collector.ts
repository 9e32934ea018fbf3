import type { FailureKind } from '../../../lambda/locust/failure.ts';
import { ofTarget, seriesQuery, tableQuery } from '../influxql.ts';

const targets = `${ofTarget} AND $timeFilter`;

/** Each kind of failure with its meaning, for people. */
export const failureKinds: Readonly<Record<FailureKind, string>> = {
  refused: 'refused the connection',
  timeout: 'no answer within the deadline',
  dns: 'name not found',
  tls: 'certificate not accepted',
  unauthorized: 'asked for credentials',
  'login-failed': 'login form was of no use',
  redirected: 'redirected, perhaps to a login page',
  'http-status': 'another status than 200',
  'too-large': 'answer too large',
  'too-costly': 'answers take too much CPU',
  'not-locust': 'answer is not Locust’s',
  'blocked-address': 'address not allowed',
  'two-locusts': 'another Locust answers in turn',
};

/** So many failed attempts are looked at to name targets and reasons: the newest. */
export const newestAttempts = 10_000;

// Windows are the collector's own: they know of no project and no target.
const windows = 'FROM "locust2influx_window" WHERE $timeFilter';

/** One figure over all windows in the time range. */
const overall = (columns: string) => seriesQuery(`SELECT ${columns} ${windows}`);
/** A figure of the windows over time. */
const overTime = (columns: string) => seriesQuery(`SELECT ${columns} ${windows} GROUP BY time($__interval) fill(none)`);
/** The same for each share of the targets. */
const byShard = (column: string) =>
  seriesQuery(`SELECT ${column} ${windows} GROUP BY time($__interval), "shard" fill(none)`, {
    alias: 'shard $tag_shard',
  });

/** What the rows of the dashboard Collector ask. */
export const collectorQueries = {
  lost: overall('sum("points_lost") AS "Lost lines"'),
  rejected: overall('sum("points_rejected") AS "Rejected lines"'),
  oldestWaiting: overall('last("waiting_age") AS "Oldest waiting line"'),
  failedShare: overall('sum("samples_failed") / sum("samples") AS "Failed samples"'),
  notSampled: overall('sum("missed") AS "Missed", sum("skipped") AS "Skipped"'),
  greatestLateness: overall('max("lateness") AS "Greatest lateness"'),

  samples: overTime('sum("samples") - sum("samples_failed") AS "Answered", sum("samples_failed") AS "Failed"'),
  lateness: byShard('max("lateness")'),
  startLateness: byShard('max("start_lateness")'),
  notSampledOverTime: overTime(
    'sum("missed") AS "Missed", sum("missed_at_start") AS "Over before its window began", sum("skipped") AS "Skipped"',
  ),
  windows: byShard('count("samples")'),

  lines: overTime(
    'sum("points_delivered") AS "Delivered", sum("points_replayed") AS "Delivered late", ' +
      'sum("points_waiting") AS "Put to wait", sum("points_rejected") AS "Rejected", sum("points_lost") AS "Lost"',
  ),
  // Each share looks into the same spool.
  waiting: overTime('max("waiting_entries") AS "Batches", max("waiting_age") AS "Age of the oldest"'),
  troubles: overTime(
    'sum("denied_deliveries") AS "Denied by InfluxDB", sum("platform_failures") AS "Failures of the platform"',
  ),

  answers: [true, false].map((up) =>
    seriesQuery(
      `SELECT count("duration") AS "${up ? 'Answered' : 'Failed'}" FROM "locust_scrape" ` +
        `WHERE ${targets} AND "up" = ${up} GROUP BY time($__interval) fill(none)`,
      { refId: up ? 'A' : 'B' },
    ),
  ),
  failuresByKind: Object.keys(failureKinds).map((kind, index) =>
    seriesQuery(
      `SELECT count("reason") AS "${kind}" FROM "locust_scrape" WHERE ${targets} AND "reason" = '${kind}' ` +
        'GROUP BY time($__interval) fill(none)',
      { refId: String.fromCharCode('A'.charCodeAt(0) + index) },
    ),
  ),
  // A field cannot be grouped by: Grafana counts the rows, of which there may be more than it can hold.
  failedAttempts: tableQuery(
    `SELECT "target", "reason" AS "Reason", "duration" AS "Duration" FROM "locust_scrape" WHERE ${targets} AND "up" = false ` +
      `ORDER BY time DESC LIMIT ${newestAttempts}`,
  ),
  answerTime: seriesQuery(
    `SELECT max("duration") FROM "locust_scrape" WHERE ${targets} AND "up" = true ` +
      'GROUP BY time($__interval), "target" fill(none)',
    { alias: '$tag_target' },
  ),
  answerSize: seriesQuery(
    `SELECT max("size") FROM "locust_scrape" WHERE ${targets} AND "up" = true ` +
      'GROUP BY time($__interval), "target" fill(none)',
    { alias: '$tag_target' },
  ),
};

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
  redirected: 'redirected, perhaps to a login page',
  'http-status': 'another status than 200',
  'too-large': 'answer too large',
  'not-locust': 'answer is not Locust’s',
  'blocked-address': 'address not allowed',
};

/** What the rows of the dashboard Collector ask. */
export const collectorQueries = {
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
  // A field cannot be grouped by: Grafana counts the rows.
  failedAttempts: tableQuery(
    `SELECT "target", "reason" AS "Reason", "duration" AS "Duration" FROM "locust_scrape" WHERE ${targets} AND "up" = false LIMIT 10000`,
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

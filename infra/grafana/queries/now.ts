import { ofRun, seriesQuery } from '../influxql.ts';
import { failureKinds } from './collector.ts';

/** Samples are at most a minute apart: of a run that is on, none is older than this. */
export const freshSeconds = 90;
const fresh = `time > now() - ${freshSeconds}s`;

const attempts = `FROM "locust_scrape" WHERE ${ofRun()}`;
const lastAttempt = (column: 'state' | 'reason', ...conditions: readonly string[]): string =>
  `(SELECT last("up") AS "up", "${column}" ${[attempts, ...conditions].join(' AND ')})`;

/** While Locust says one of these, a run is on. */
const onStates = `"state" =~ /^(hatching|spawning|running)$/`;

// The last sample, while it is fresh and bears rates: after a run's end there are none.
const lastRates =
  '(SELECT last("num_requests") AS "requests", "current_rps" AS "rps", "user_count" AS "users", ' +
  `"current_response_time_percentile_95" AS "p95" FROM "locust_total" WHERE ${ofRun()} AND ${fresh})`;
const now = (column: string, name: string, { refId = 'A', condition = '' } = {}) =>
  seriesQuery(`SELECT "${column}" AS "${name}" FROM ${lastRates} WHERE "rps" >= 0${condition}`, { refId });

/** What is known of the chosen run now, whatever the time range is. */
export const nowQueries = {
  // The first of these that has an answer is the state.
  state: [
    seriesQuery(`SELECT "state" AS "State" FROM ${lastAttempt('state', fresh)} WHERE "up" = true AND ${onStates}`),
    seriesQuery(`SELECT last("text") AS "State" FROM "locust_event" WHERE "event" = 'stop' AND ${ofRun()}`, {
      refId: 'B',
    }),
    seriesQuery(`SELECT "reason" AS "State" FROM ${lastAttempt('reason')} WHERE "up" = false`, { refId: 'C' }),
    seriesQuery(
      `SELECT "state" AS "State" FROM ${lastAttempt('state')} WHERE "up" = true AND ${onStates.replace('=~', '!~')}`,
      { refId: 'D' },
    ),
    // Attempts there were, and the last one is not fresh: how many stands for that.
    seriesQuery(`SELECT count("duration") AS "State" ${attempts}`, { refId: 'E' }),
  ],
  lastSample: seriesQuery(`SELECT last("num_requests") AS "Requests" FROM "locust_total" WHERE ${ofRun()}`),
  users: now('users', 'Users'),
  requestRate: now('rps', 'Requests/s'),
  p95: [
    now('p95', 'p95', { condition: ' AND "p95" < ${p95limit}' }),
    now('p95', 'p95 beyond the limit', { refId: 'B', condition: ' AND "p95" >= ${p95limit}' }),
  ],
  // Of a run that was given up and goes on after all it is empty.
  verdict: seriesQuery(
    `SELECT "verdict" AS "Verdict" FROM (SELECT last("verdict") AS "verdict" FROM "locust_run" WHERE ${ofRun()}) ` +
      `WHERE "verdict" != ''`,
  ),
  failRatio: seriesQuery(`SELECT last("fail_ratio") AS "Failed" FROM "locust_total" WHERE ${ofRun()}`),
};

/** What the tile says of a last attempt that brought nothing, by its reason. */
export const noAnswers = Object.keys(failureKinds).map((kind) => [kind, `no answer: ${kind}`] as const);

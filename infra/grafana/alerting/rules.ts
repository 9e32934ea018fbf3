import { freshSeconds } from '../queries/now.ts';

/** A rule as Grafana's files and its API take it, but for where it lies. */
export interface AlertRule {
  readonly uid: string;
  readonly title: string;
  readonly condition: string;
  readonly data: readonly AlertQuery[];
  readonly noDataState: 'OK';
  readonly execErrState: 'Error';
  readonly for: string;
  readonly annotations: { readonly summary: string; readonly description: string };
  readonly labels: Readonly<Record<string, string>>;
}

export interface AlertQuery {
  readonly refId: string;
  /** Seconds before now; InfluxQL says itself how far it looks back. */
  readonly relativeTimeRange: { readonly from: number; readonly to: number };
  readonly datasourceUid: string;
  readonly model: Readonly<Record<string, unknown>>;
}

interface Rule {
  readonly name: string;
  readonly title: string;
  /** Each makes one number for each of its series. */
  readonly queries: readonly string[];
  /** In terms of the queries, `$A` and so on: other than 0 is an alert. */
  readonly when: string;
  readonly for: string;
  readonly summary: string;
  readonly description: string;
}

/** From where on a run calls: change them here, or in Grafana after an import. */
const limits = { failedShare: 0.05, p95Ms: 1000, waitingMs: 600_000 } as const;

// In texts of its files Grafana takes what begins with a dollar for a variable of its environment: labels are asked for
// without one.
const ofEachRun = 'GROUP BY "project", "target", "run"';
const whichRun = '{{ .Labels.project }}: {{ .Labels.target }}, run {{ .Labels.run }}';
const isOn = `("state" = 'hatching' OR "state" = 'spawning' OR "state" = 'running')`;
const lookBack = 'time > now() - 15m AND time < now()';

const ofRuns: readonly Rule[] = [
  {
    name: 'no-answer',
    title: 'Locust does not answer',
    queries: [
      `SELECT count("reason") / count("duration") FROM "locust_scrape" WHERE time > now() - 3m AND time < now() ${ofEachRun}`,
    ],
    when: '$A >= 1',
    for: '0s',
    summary: `No sample for three minutes: ${whichRun}`,
    description:
      'Every attempt to read Locust in the last three minutes failed. “Why there is no sample” on the dashboard Run says ' +
      'why. After five minutes the run counts as lost.',
  },
  {
    name: 'silent-run',
    title: 'Nothing comes of a run that is on',
    queries: [
      // Intervals that end now: the last one holds nothing.
      `SELECT count("duration") FROM "locust_scrape" WHERE ${lookBack} GROUP BY time(3m, now()), "project", "target", "run" fill(0)`,
      `SELECT "duration" FROM (SELECT last("up") AS "up", "state", "duration" FROM "locust_scrape" WHERE ${lookBack} ` +
        `${ofEachRun}) WHERE "up" = true AND ${isOn} ${ofEachRun}`,
    ],
    when: '$A == 0 && $B >= 0',
    for: '0s',
    summary: `Nothing has come for three minutes: ${whichRun}`,
    description:
      'The run was on at its last attempt, and none has been stored since: the collector does not run, or its lines do ' +
      `not get to InfluxDB. After ${freshSeconds} seconds the tile State on the dashboard Run says “silent”. See the ` +
      'collector’s log, its alarms, and the dashboard Collector.',
  },
  {
    name: 'failed-requests',
    title: 'Requests fail',
    queries: [
      'SELECT mean("current_fail_per_sec") / mean("current_rps") FROM "locust_total" WHERE time > now() - 2m AND ' +
        `time < now() ${ofEachRun}`,
    ],
    when: `$A >= ${limits.failedShare}`,
    for: '1m',
    summary: `${limits.failedShare * 100} % of requests or more fail: ${whichRun}`,
    description:
      'Of the last two minutes. The rows Failures and Endpoints of the dashboard Run say what fails, and where.',
  },
  {
    name: 'slow-answers',
    title: 'Answers are slow',
    queries: [
      'SELECT mean("current_response_time_percentile_95") FROM "locust_total" WHERE time > now() - 2m AND ' +
        `time < now() ${ofEachRun}`,
    ],
    when: `$A >= ${limits.p95Ms}`,
    for: '1m',
    summary: `p95 is ${limits.p95Ms} ms or more: ${whichRun}`,
    description: 'The mean of the 95th percentiles of the last two minutes.',
  },
];

const ofTheCollector: readonly Rule[] = [
  {
    name: 'lines-wait',
    title: 'The collector cannot deliver',
    queries: ['SELECT max("waiting_age") FROM "locust2influx_window" WHERE time > now() - 10m AND time < now()'],
    when: `$A >= ${limits.waitingMs}`,
    for: '0s',
    summary: `Lines have waited for InfluxDB for ${limits.waitingMs / 60_000} minutes or more`,
    description:
      'They wait in the spool, and are delivered by themselves once InfluxDB takes them. “Delivery” on the dashboard ' +
      'Collector says more, and the collector’s log what InfluxDB answers.',
  },
  {
    name: 'lines-lost',
    title: 'Lines are lost or rejected',
    queries: [
      'SELECT sum("points_lost") + sum("points_rejected") FROM "locust2influx_window" WHERE time > now() - 15m AND ' +
        'time < now()',
    ],
    when: '$A >= 1',
    for: '0s',
    summary: 'InfluxDB lacks figures of the last 15 minutes',
    description:
      'Rejected lines are kept for 30 days among the dead letters, with the reason: mend that and replay them. Lost lines ' +
      'are gone; the collector’s log says why the spool did not take them.',
  },
];

/** All rules are looked at together, so often; seconds. */
export const everySeconds = 60;
/** What they are called together. */
export const groupName = 'Load tests';

/** All rules. @param datasourceUid the InfluxDB, for InfluxQL, that they ask */
export function alertRules(datasourceUid: string): readonly AlertRule[] {
  return [...ofRuns, ...ofTheCollector].map((rule) => alertRule(rule, datasourceUid));
}

const letter = (index: number): string => String.fromCharCode('A'.charCodeAt(0) + index);
const relativeTimeRange = { from: 900, to: 0 } as const;

function alertRule({ name, title, queries, when, for: lasting, summary, description }: Rule, uid: string): AlertRule {
  const asked = queries.map((query, index): AlertQuery => {
    const refId = `Query${letter(index)}`;
    const model = {
      refId,
      rawQuery: true,
      resultFormat: 'time_series',
      query,
      intervalMs: 1000,
      maxDataPoints: 43_200,
    };
    return { refId, relativeTimeRange, datasourceUid: uid, model };
  });
  const lasts = queries.map((_, index) =>
    expression(letter(index), {
      type: 'reduce',
      reducer: 'last',
      expression: `Query${letter(index)}`,
      // What is no number, as a share of nothing, calls nobody.
      settings: { mode: 'replaceNN', replaceWithValue: 0 },
    }),
  );
  return {
    uid: `locust2influx-${name}`,
    title,
    condition: 'alert',
    data: [...asked, ...lasts, expression('alert', { type: 'math', expression: when })],
    noDataState: 'OK',
    execErrState: 'Error',
    for: lasting,
    annotations: { summary, description },
    labels: { source: 'locust2influx' },
  };
}

function expression(refId: string, model: Readonly<Record<string, unknown>>): AlertQuery {
  const datasource = { type: '__expr__', uid: '__expr__' };
  return { refId, relativeTimeRange, datasourceUid: '__expr__', model: { refId, datasource, ...model } };
}

import { ofRun, tableQuery } from '../influxql.ts';
import { figureNames, wholeRun, wholeRunFigures } from './whole-run.ts';

/** The baseline is first, here and in every panel: then one reads from before to after. */
const sides = [
  { refId: 'A', variable: 'baseline', side: 'Baseline' },
  { refId: 'B', variable: 'run', side: 'Run' },
] as const;

/** One column of `locust_total` of both runs against the seconds since their starts. No time range: runs lie apart. */
const overlaid = (field: string) =>
  sides.map(({ refId, variable, side }) =>
    tableQuery(
      `SELECT "seconds_since_start" AS "Since start", "${field}" AS "${side} \${${variable}}" FROM "locust_total" ` +
        `WHERE ${ofRun(variable)}`,
      { refId },
    ),
  );

interface Compared {
  readonly measurement: 'locust_total' | 'locust_endpoint';
  /** What a row is of. */
  readonly by: string;
}

/** The last figures of both runs, each side in columns of its own. */
const compared = ({ measurement, by }: Compared) =>
  sides.map(({ refId, variable, side }) =>
    tableQuery(
      `SELECT ${by}, "Mean ${side}", "p95 ${side}", "Failed ${side}", "Requests ${side}" FROM ` +
        `(SELECT last("num_requests") AS "Requests ${side}", "avg_response_time" AS "Mean ${side}", ` +
        `"response_time_percentile_95" AS "p95 ${side}", "fail_ratio" AS "Failed ${side}" ` +
        `FROM "${measurement}" WHERE ${ofRun(variable)} GROUP BY ${by})`,
      { refId },
    ),
  );

/** What the rows of the dashboard Compare ask. */
export const compareQueries = {
  // A number says which side it is: InfluxQL has no texts of its own.
  totals: sides.map(({ refId, variable }, index) =>
    tableQuery(
      `SELECT "Side", "run" AS "Run", "Started", "Duration", ${figureNames}, "From", "Until" FROM ` +
        `(SELECT last("num_requests") * 0 + ${index} AS "Side", ${wholeRun}, ` +
        `${wholeRunFigures} FROM "locust_total" WHERE ${ofRun(variable)} GROUP BY "run")`,
      { refId },
    ),
  ),
  overall: compared({ measurement: 'locust_total', by: '"target"' }),
  requestRate: overlaid('current_rps'),
  users: overlaid('user_count'),
  p50: overlaid('current_response_time_percentile_50'),
  p95: overlaid('current_response_time_percentile_95'),
  failureRate: overlaid('current_fail_per_sec'),
  failRatio: overlaid('fail_ratio'),
  endpoints: compared({ measurement: 'locust_endpoint', by: '"method", "name"' }),
};

/** What the number in the column `Side` stands for. */
export const sideNames = sides.map(({ side }) => side);

import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';

/** The InfluxDB that the dashboard's variable `datasource` names. */
export const influxDb = { type: 'influxdb', uid: '${datasource}' } as const;

/** One query of a panel, as Grafana's InfluxDB data source takes it. */
export interface InfluxQlQuery extends Dataquery {
  readonly refId: string;
  readonly datasource: typeof influxDb;
  readonly rawQuery: true;
  readonly query: string;
  /** `time_series` makes a frame of every series and column; `table` makes one frame of everything. */
  readonly resultFormat: 'time_series' | 'table';
  /** What a series is called: `$col` is its column, `$tag_name` its tag `name`. */
  readonly alias?: string;
}

/** Series to draw over time. Columns are named with `AS`; series of a `GROUP BY` need an alias of their own. */
export function seriesQuery(query: string, { refId = 'A', alias = '$col' } = {}): Builder<InfluxQlQuery> {
  return builderOf({ refId, query, resultFormat: 'time_series', alias });
}

/**
 * Rows of a table. Tags are selected as columns, from a subquery where there is something to group: with `GROUP BY` on
 * the outside, some releases of Grafana mix up the columns of two tags.
 */
export function tableQuery(query: string, { refId = 'A' } = {}): Builder<InfluxQlQuery> {
  return builderOf({ refId, query, resultFormat: 'table' });
}

type QueryText = Pick<InfluxQlQuery, 'refId' | 'query' | 'resultFormat' | 'alias'>;

function builderOf(text: QueryText): Builder<InfluxQlQuery> {
  return { build: () => ({ ...text, datasource: influxDb, rawQuery: true, _implementsDataqueryVariant }) };
}

// A function, so that it marks the type and leaves no trace in the JSON.
function _implementsDataqueryVariant(): void {
  // Says what it is by being there.
}

/** A condition on a tag that holds for whatever is chosen, one value, several or all of them. */
export function chosen(tag: string, variable = tag): string {
  return `"${tag}" =~ /^\${${variable}:regex}$/`;
}

/** Of one project and target. */
export const ofTarget = `${chosen('project')} AND ${chosen('target')}`;
/** Of the one run that a variable names. */
export const ofRun = (variable = 'run'): string => `${ofTarget} AND ${chosen('run', variable)}`;
/** Of the chosen run, in the dashboard's time range. */
export const inRange = `${ofRun()} AND $timeFilter`;

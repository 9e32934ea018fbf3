import type { Chosen, OpenDashboard } from '../support/grafana/grafana.ts';
import type { WindowSummary } from '../../../lambda/collector/window-figures/summary.ts';
import type { Influxd2 } from '../support/influx/influxd-2.ts';
import type { TwoRuns } from '../support/grafana/two-runs.ts';

/** Opens a dashboard by the name of its file, in a range that holds both runs. */
export type OpenOne = (name: string, values?: Chosen['values']) => Promise<OpenDashboard>;

/** What the tests of dashboards share; what is collected is there once they run. */
export interface OverTwoRuns {
  readonly open: OpenOne;
  readonly seen: () => TwoRuns;
  readonly influxd: () => Influxd2;
}

export type Row = Readonly<Record<string, unknown>>;

/** The numbers of a column. */
export const numbers = (rows: readonly Row[], column: string): readonly number[] =>
  rows.map((row) => row[column]).filter((value) => typeof value === 'number');

export const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

/** What windows said of themselves that had something to tell: idle ones store nothing. */
export function summariesOf({ windows }: TwoRuns): readonly WindowSummary[] {
  return windows.filter(({ samples, pointsReplayed, pointsWaiting, pointsRejected, pointsLost, waiting }) => {
    return samples + pointsReplayed + pointsWaiting + pointsRejected + pointsLost + (waiting?.entries ?? 0) > 0;
  });
}

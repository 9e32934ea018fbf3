import { DashboardLinkBuilder, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard';

/** The identity of each dashboard, which is what a link names. */
export const dashboardIds = {
  run: 'locust2influx-run',
  compare: 'locust2influx-compare',
  trends: 'locust2influx-trends',
  collector: 'locust2influx-collector',
} as const;

/** Where dashboards and alert rules lie, unless somebody has moved them. */
export const folder = { uid: 'locust2influx', title: 'Locust' } as const;

export type DashboardName = keyof typeof dashboardIds;

const titles: Readonly<Record<DashboardName, string>> = {
  run: 'Run',
  compare: 'Compare',
  trends: 'Trends',
  collector: 'Collector',
};

/** Links to the other dashboards, with what is chosen. The time range goes along only where both look at one run. */
export function linksOf(from: DashboardName): DashboardLinkBuilder[] {
  const others = (Object.keys(dashboardIds) as DashboardName[]).filter((name) => name !== from);
  const sharesRange = (name: DashboardName): boolean =>
    [from, name].every((each) => each === 'run' || each === 'collector');
  return others.map((name) =>
    new DashboardLinkBuilder(titles[name])
      .type(DashboardLinkType.Link)
      .icon('dashboard')
      .tooltip(`To the dashboard ${titles[name]}`)
      .url(`/d/${dashboardIds[name]}`)
      .tags([])
      .includeVars(true)
      .keepTime(sharesRange(name)),
  );
}

const toRun = (target: string, run: string): string =>
  `/d/${dashboardIds.run}?\${datasource:queryparam}&\${project:queryparam}&${target}&var-run=${run}` +
  '&from=${__data.fields.From}&to=${__data.fields.Until}';

/** To one run, from a row that has its `target`, its `run` and, as texts in ms, `From` and `Until`. */
export const runOfRow = toRun('var-target=${__data.fields.target}', '${__data.fields.run}');
/** The same where the dashboard is of one target: from a row that has `Run`, `From` and `Until`. */
export const runOfChosenTarget = toRun('${target:queryparam}', '${__data.fields.Run}');
/** To the trends of the `target` of a row, in the same time range. */
export const trendsOfRow =
  `/d/${dashboardIds.trends}?\${datasource:queryparam}&\${project:queryparam}` +
  '&var-target=${__data.fields.target}&$__url_time_range';

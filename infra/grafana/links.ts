import { DashboardLinkBuilder, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard';

/** The identity of each dashboard, which is what a link names. */
export const dashboardIds = {
  run: 'locust2influx-run',
  compare: 'locust2influx-compare',
  trends: 'locust2influx-trends',
  collector: 'locust2influx-collector',
} as const;

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

/** To one run, from a row that has its `target`, its `run` and, as texts in ms, `From` and `Until`. */
export const runOfRow =
  `/d/${dashboardIds.run}?\${datasource:queryparam}&\${project:queryparam}` +
  '&var-target=${__data.fields.target}&var-run=${__data.fields.run}&from=${__data.fields.From}&to=${__data.fields.Until}';

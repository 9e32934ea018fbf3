import { dashboard } from '../dashboard.ts';
import { variables } from '../variables.ts';
import { runsRow, trendsRow } from './runs.ts';

/** The load tests of one project over months. */
export const trendsDashboard = () =>
  dashboard({
    name: 'trends',
    title: 'Locust: Trends',
    description: 'One project’s runs over months: whether it gets slower, or fails more, from release to release.',
    from: 'now-90d',
    refresh: '5m',
    hasTimeRange: true,
    variables: [variables.dataSource(), variables.projectOfRuns(), variables.targetsOfRuns()],
    rows: [runsRow(), trendsRow()],
  });

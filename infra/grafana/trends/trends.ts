import { dashboard } from '../dashboard.ts';
import { variables } from '../variables.ts';
import { runsRow, trendsRow } from './runs.ts';

/** The load tests of one target over months. */
export const trendsDashboard = () =>
  dashboard({
    name: 'trends',
    title: 'Locust: Trends',
    description: 'One target’s runs over months: whether it gets slower, or fails more, from release to release.',
    from: 'now-90d',
    refresh: '5m',
    hasTimeRange: true,
    variables: [variables.dataSource(), variables.project(), variables.target()],
    rows: [trendsRow(), runsRow()],
  });

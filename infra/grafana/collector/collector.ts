import { dashboard } from '../dashboard.ts';
import { variables } from '../variables.ts';
import { samplingRow } from './sampling.ts';

/** The collector's own health. */
export const collectorDashboard = () =>
  dashboard({
    name: 'collector',
    title: 'Locust: Collector',
    description: 'How reading the Locusts went: whether every sample was taken, and why not where one was not.',
    from: 'now-6h',
    refresh: '1m',
    hasTimeRange: true,
    variables: [variables.dataSource(), variables.allProjects(), variables.allTargets()],
    rows: [samplingRow()],
  });

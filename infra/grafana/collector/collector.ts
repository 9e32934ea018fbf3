import { dashboard } from '../dashboard.ts';
import { variables } from '../variables.ts';
import { deliveryRow } from './delivery.ts';
import { healthRow } from './health.ts';
import { samplingRow } from './sampling.ts';
import { windowsRow } from './windows.ts';

/** The collector's own health. */
export const collectorDashboard = () =>
  dashboard({
    name: 'collector',
    title: 'Locust: Collector',
    description:
      'The collector’s own health: whether every sample was taken and stored, and why not where one was not.',
    from: 'now-6h',
    refresh: '1m',
    hasTimeRange: true,
    variables: [variables.dataSource(), variables.allProjects(), variables.allTargets()],
    rows: [healthRow(), windowsRow(), deliveryRow(), samplingRow()],
  });

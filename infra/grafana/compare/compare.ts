import { dashboard } from '../dashboard.ts';
import { variables } from '../variables.ts';
import { differencesRow } from './endpoints.ts';
import { overlayRow, totalsRow } from './overlay.ts';

/** Two load tests of one target. */
export const compareDashboard = () =>
  dashboard({
    name: 'compare',
    title: 'Locust: Compare',
    description: 'Two runs of one target laid over each other from their starts, and what changed for each endpoint.',
    from: 'now-1h',
    refresh: '',
    hasTimeRange: false,
    variables: [variables.dataSource(), variables.project(), variables.target(), variables.run(), variables.baseline()],
    rows: [totalsRow(), overlayRow(), differencesRow()],
  });

import { dashboard } from '../dashboard.ts';
import { variables } from '../variables.ts';
import { runAnnotations } from './annotations.ts';
import { attemptsRow } from './attempts.ts';
import { endpointsRow } from './endpoints.ts';
import { failuresRow } from './failures.ts';
import { loadRow } from './load.ts';
import { nowRow } from './now.ts';
import { workersRow } from './workers.ts';

/** One load test, live or afterwards. */
export const runDashboard = () =>
  dashboard({
    name: 'run',
    title: 'Locust: Run',
    description: 'One load test: how hard it pushes, how fast the answers are, what fails, and whether to trust it.',
    from: 'now-1h',
    refresh: '10s',
    hasTimeRange: true,
    variables: [
      variables.dataSource(),
      variables.project(),
      variables.target(),
      variables.run(),
      variables.endpoint(),
      variables.p95Limit(),
      variables.foremostEndpoints('busiest'),
      variables.foremostEndpoints('failing'),
    ],
    annotations: runAnnotations(),
    rows: [nowRow(), loadRow(), endpointsRow(), failuresRow(), workersRow(), attemptsRow()],
  });

import { AxisPlacement, LineInterpolation } from '@grafana/grafana-foundation-sdk/common';
import type { Row } from '../dashboard.ts';
import { timeSeries } from '../panels.ts';
import { runQueries } from '../queries/run.ts';
import { elsewhere } from './empty.ts';

const empty = `No sample of this run in the time range: they are taken while the test is running. ${elsewhere}`;

const loadAndUsers = () =>
  timeSeries({
    title: 'Requests/s and users',
    description:
      'How hard the test pushes: requests per second (left) against simulated users (right). ' +
      'Users that go up while requests do not mean that the application, or the load generator, is at its limit.',
    empty,
    queries: runQueries.loadAndUsers,
  })
    .unit('reqps')
    .decimals(1)
    .overrideByName('Users', [
      { id: 'unit', value: 'none' },
      { id: 'decimals', value: 0 },
      { id: 'custom.axisPlacement', value: AxisPlacement.Right },
      { id: 'custom.axisLabel', value: 'users' },
      { id: 'custom.lineInterpolation', value: LineInterpolation.StepAfter },
      { id: 'custom.fillOpacity', value: 0 },
    ]);

const responseTimes = () =>
  timeSeries({
    title: 'Response times',
    description:
      'Percentiles of Locust’s last ten seconds, and the mean of all requests that finished since the sample before. ' +
      'None of them is dragged along by what happened earlier in the run. p99 is there where the locustfile has it in ' +
      'PERCENTILES_TO_CHART.',
    empty,
    queries: [runQueries.currentPercentiles, runQueries.intervalMean, runQueries.currentP99],
  }).unit('ms');

/** How hard, and how fast. */
export const loadRow = (): Row => ({ title: 'Load and response times', panels: [loadAndUsers(), responseTimes()] });

import {
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LineInterpolation,
} from '@grafana/grafana-foundation-sdk/common';
import { FieldColorBuilder, FieldColorModeId } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Row } from '../dashboard.ts';
import { noLegend, timeSeries, timeSeriesByInterval } from '../panels.ts';
import type { PanelText } from '../panels.ts';
import { runQueries } from '../queries/run.ts';
import { workerCpu } from '../thresholds.ts';
import { elsewhere } from './empty.ts';

const empty = `No workers: this Locust runs as one process, or the time range holds no sample of it. ${elsewhere}`;

/** Of some or of hundreds of workers: their colour is one, and a legend would hold no more than a few. */
const ofWorkers = (text: PanelText) =>
  timeSeriesByInterval(text)
    .span(8)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Shades).fixedColor('blue'))
    .legend(noLegend());

const connected = () =>
  timeSeries(
    {
      title: 'Workers',
      description: 'How many workers are connected to the master. One that leaves takes its users with it.',
      empty,
      queries: runQueries.workers,
    },
    ['min', 'max', 'lastNotNull'],
  )
    .span(8)
    .decimals(0)
    .lineInterpolation(LineInterpolation.StepAfter);

const cpu = () =>
  ofWorkers({
    title: 'CPU of workers',
    description:
      'CPU of each worker process, over a long time range the highest of each interval. Above the line at 90 % the load ' +
      'generator itself is slow, and response times are longer than the application’s: add workers before you trust them.',
    empty,
    queries: runQueries.workerCpu,
  })
    .unit('percent')
    .decimals(0)
    .axisSoftMax(100)
    .thresholds(workerCpu())
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));

const memory = () =>
  ofWorkers({
    title: 'Memory of workers',
    description:
      'Memory of each worker process, where Locust reports it, over a long time range the highest of each interval. ' +
      'It should level off, not grow with the run.',
    empty,
    queries: runQueries.workerMemory,
  }).unit('bytes');

/** Whether the load generator can be trusted. */
export const workersRow = (): Row => ({ title: 'Load generator', panels: [connected(), cpu(), memory()] });

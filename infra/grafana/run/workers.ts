import { GraphThresholdsStyleConfigBuilder, GraphThresholdsStyleMode } from '@grafana/grafana-foundation-sdk/common';
import type { Row } from '../dashboard.ts';
import { timeSeries } from '../panels.ts';
import type { PanelText } from '../panels.ts';
import { runQueries } from '../queries/run.ts';
import { workerCpu } from '../thresholds.ts';
import { elsewhere } from './empty.ts';

const empty = `No workers: this Locust runs as one process, or the time range holds no sample of it. ${elsewhere}`;

/** Intervals of a long time range are minutes: lines of days are to hold together as well. */
const workerGapMs = 600_000;
const ofWorkers = (text: PanelText) =>
  timeSeries(text)
    // Finer than samples are, so that a short run shows each at its time.
    .interval('1s')
    .insertNulls(workerGapMs);

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
      'Memory of each worker process, where Locust tells it, over a long time range the highest of each interval. ' +
      'It should level off, not grow with the run.',
    empty,
    queries: runQueries.workerMemory,
  })
    .unit('bytes')
    .decimals(0);

/** Whether the load generator can be trusted. */
export const workersRow = (): Row => ({ title: 'Load generator', panels: [cpu(), memory()] });

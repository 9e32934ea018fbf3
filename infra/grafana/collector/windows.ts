import { GraphThresholdsStyleConfigBuilder, GraphThresholdsStyleMode } from '@grafana/grafana-foundation-sdk/common';
import { column } from '../columns.ts';
import type { Row } from '../dashboard.ts';
import { counts, timeSeries } from '../panels.ts';
import { collectorQueries } from '../queries/collector.ts';
import { lateness as latenessLines } from '../thresholds.ts';
import { noWindow } from './empty.ts';

const samples = () =>
  counts({
    title: 'Samples',
    description:
      'Samples taken of all targets, a bar for each minute: answered ones, and failed ones on top. ' +
      'Steady bars while the same tests run mean that none was left out. Reports that Locusts send are not among them.',
    empty: noWindow,
    queries: collectorQueries.samples,
  }).overrideByName('Failed', [column.colour('orange')]);

const lateness = () =>
  timeSeries({
    title: 'Lateness',
    description:
      'The longest time from an instant to its sample in each minute, of each shard. Milliseconds are usual. What comes ' +
      'near the line at 5 s calls for more memory or shards; at 10 s, the default interval, instants are missed.',
    empty: noWindow,
    queries: collectorQueries.lateness,
  })
    .interval('1m')
    .unit('ms')
    .axisSoftMax(10_000)
    .thresholds(latenessLines('transparent'))
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));

const startLateness = () =>
  timeSeries({
    title: 'Windows begun late',
    description:
      'How long after its minute’s beginning each window began. AWS promises the minute, not the second, and the window ' +
      'before samples on meanwhile: nothing is lost unless one begins more than a minute after the one before.',
    empty: noWindow,
    queries: collectorQueries.startLateness,
  })
    .interval('1m')
    .unit('ms');

const notSampled = () =>
  counts({
    title: 'Instants missed and skipped',
    description:
      'Missed: they passed while the collector was busy; double its memory, then its shards. Those of them that were ' +
      'over before their window began were lost to its late start, or to one that was killed. Skipped: the target was ' +
      'still answering the one before; raise its sampleSeconds, or look at the load generator’s CPU.',
    empty: noWindow,
    queries: collectorQueries.notSampledOverTime,
  })
    .overrideByName('Missed', [column.colour('orange')])
    .overrideByName('Skipped', [column.colour('yellow')]);

const windows = () =>
  counts({
    title: 'Windows',
    description:
      'Windows that had something to report, of each shard: one a minute while tests run. A gap in the middle of a test ' +
      'is a minute in which the collector did not run: see its log and alarms. Idle windows store nothing.',
    empty: noWindow,
    queries: collectorQueries.windows,
  });

/** How sampling went, minute by minute. */
export const windowsRow = (): Row => ({
  title: 'Windows',
  panels: [samples(), lateness(), startLateness(), notSampled(), windows()],
});

import type { Row } from '../dashboard.ts';
import { stat } from '../panels.ts';
import type { PanelText } from '../panels.ts';
import { collectorQueries } from '../queries/collector.ts';
import { failRatio, lateness, mustBeZero, waitingAge, worthALook } from '../thresholds.ts';

/** One figure of all windows. */
const figure = (text: Omit<PanelText, 'empty'>) =>
  stat({ ...text, empty: 'no window in the time range, for no test was running.' })
    .height(5)
    .span(4);

const stored = () => [
  figure({
    title: 'Lost lines',
    description:
      'Lines that neither InfluxDB nor the spool took, in the time range: they are gone. 0 is green. ' +
      'If not: mend InfluxDB, and see why the spool (S3, or the disk) refused them; the log names both reasons.',
    queries: collectorQueries.lost,
  })
    .decimals(0)
    .unit('locale')
    .thresholds(mustBeZero()),
  figure({
    title: 'Rejected lines',
    description:
      'Lines that InfluxDB refused for good, in the time range. They are kept for 30 days among the dead letters, each ' +
      'with its reason: mend that (usually a field of another type), then replay them from the admin API.',
    queries: collectorQueries.rejected,
  })
    .decimals(0)
    .unit('locale')
    .thresholds(worthALook()),
  figure({
    title: 'Oldest waiting line',
    description:
      'How long the oldest line in the spool has waited for InfluxDB, at the last window that looked. 0 when nothing ' +
      'waits. Orange from two minutes, red from an hour on: InfluxDB is down, or refuses token or bucket. Nothing is ' +
      'lost: lines are delivered by themselves once it takes them.',
    queries: collectorQueries.oldestWaiting,
  })
    .unit('ms')
    .thresholds(waitingAge()),
];

const sampled = () => [
  figure({
    title: 'Failed samples',
    description:
      'Share of the attempts to read a Locust during its run that brought nothing, of all targets. Orange from 1 %, ' +
      'red from 5 % on. Below, “Failed attempts by target” names target and reason.',
    queries: collectorQueries.failedShare,
  })
    .unit('percentunit')
    .decimals(2)
    .thresholds(failRatio()),
  figure({
    title: 'Instants without a sample',
    description:
      'Missed: the collector was busy; double its memory, then its shards. Skipped: the target was still answering the ' +
      'instant before; raise its sampleSeconds, or look at the load generator’s CPU.',
    queries: collectorQueries.notSampled,
  })
    .decimals(0)
    .unit('locale')
    .thresholds(worthALook()),
  figure({
    title: 'Greatest lateness',
    description:
      'The longest time from an instant to the sample that bears it, in the time range. Orange from 5 s, red from 10 s ' +
      'on: more targets than the collector carries. Double its memory, then its shards.',
    queries: collectorQueries.greatestLateness,
  })
    .unit('ms')
    .thresholds(lateness()),
];

/** Whether there is anything to do. */
export const healthRow = (): Row => ({ title: 'Is all well', panels: [...stored(), ...sampled()] });

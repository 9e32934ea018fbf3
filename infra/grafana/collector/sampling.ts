import { TableSortByFieldStateBuilder } from '@grafana/grafana-foundation-sdk/common';
import { FieldColorBuilder, FieldColorModeId } from '@grafana/grafana-foundation-sdk/dashboard';
import { column } from '../columns.ts';
import type { Row } from '../dashboard.ts';
import { counts, table, timeSeriesByInterval } from '../panels.ts';
import { collectorQueries, newestAttempts } from '../queries/collector.ts';

const answers = () =>
  counts({
    title: 'Attempts to read Locust',
    description: 'Attempts during runs, answered and failed ones. Nothing is counted while no test runs.',
    empty: 'No attempts in the time range: no test was running.',
    queries: collectorQueries.answers,
  }).overrideByName('Failed', [column.colour('orange')]);

const byKind = () =>
  counts({
    title: 'Failed attempts by kind',
    description: 'Why attempts to read Locust during runs failed.',
    empty: 'No failed attempts in the time range.',
    queries: [...collectorQueries.failuresByKind],
  }).colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Shades).fixedColor('orange'));

const failed = () =>
  table({
    title: 'Failed attempts by target',
    description:
      'Which Locusts did not answer, why, how often, and when last. Of more than ' +
      `${newestAttempts.toLocaleString('en')} failed attempts in the time range only the newest are counted here.`,
    empty: 'No failed attempts in the time range.',
    queries: collectorQueries.failedAttempts,
  })
    .height(9)
    .span(24)
    .withTransformation({
      id: 'groupBy',
      options: {
        fields: {
          target: { operation: 'groupby', aggregations: [] },
          Reason: { operation: 'groupby', aggregations: [] },
          Duration: { operation: 'aggregate', aggregations: ['count', 'mean'] },
          Time: { operation: 'aggregate', aggregations: ['max'] },
        },
      },
    })
    .sortBy([new TableSortByFieldStateBuilder().displayName('Attempts').desc(true)])
    .overrideByName('target', [column.named('Target')])
    .overrideByName('Duration (count)', [column.named('Attempts'), ...column.unit('locale', 0)])
    .overrideByName('Duration (mean)', [column.named('Mean duration'), ...column.unit('ms')])
    .overrideByName('Time (max)', [column.named('Last'), ...column.unit('dateTimeAsIso')]);

const answerTime = () =>
  timeSeriesByInterval(
    {
      title: 'Time to answer',
      description: 'The longest that each Locust took to answer. Reading is given up after five seconds.',
      empty: 'No answers in the time range: no test was running.',
      queries: collectorQueries.answerTime,
    },
    [],
  )
    .interval('1m')
    .unit('ms');

const answerSize = () =>
  timeSeriesByInterval(
    {
      title: 'Size of answers',
      description: 'The largest answer of each Locust. It grows with the number of endpoints and of different errors.',
      empty: 'No answers in the time range: no test was running.',
      queries: collectorQueries.answerSize,
    },
    [],
  )
    .interval('1m')
    .unit('decbytes');

/** Whether Locust can be read. */
export const samplingRow = (): Row => ({
  title: 'Reading Locust',
  panels: [answers(), byKind(), failed(), answerTime(), answerSize()],
});

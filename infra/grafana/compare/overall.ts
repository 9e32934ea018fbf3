import {
  BigValueJustifyMode,
  BigValueTextMode,
  ReduceDataOptionsBuilder,
  VizTextDisplayOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { transformation } from '../columns.ts';
import { stat } from '../panels.ts';
import { compareQueries } from '../queries/compare.ts';
import { changeOf, failedVerdictColumn, verdictColumn, verdictText } from './verdict.ts';

/** What to make of the run as a whole. */
export const overall = () =>
  stat({
    title: 'The run against the baseline',
    description:
      `The mean and the 95th percentile of all requests, and the share of them that failed. ${verdictText} “More fail” is ` +
      'by half a percent point or more of all requests, “many more fail” by two. Mind the users and requests/s of both: ' +
      'under another load the figures are of another test.',
    empty: 'there is no run, or no baseline, that has samples.',
    queries: compareQueries.overall,
  })
    .span(24)
    .transformations([
      transformation.without('Time'),
      transformation.merged(),
      ...changeOf('Mean'),
      ...changeOf('p95'),
      transformation.computed('Failed difference', 'Failed Run', '-', 'Failed Baseline'),
    ])
    .unit('none')
    .textMode(BigValueTextMode.ValueAndName)
    // Names above what is said of them, both large enough to read.
    .wideLayout(false)
    .justifyMode(BigValueJustifyMode.Center)
    .text(new VizTextDisplayOptionsBuilder().titleSize(16).valueSize(34))
    .reduceOptions(
      new ReduceDataOptionsBuilder().calcs(['last']).fields('/^(Mean response time|p95|Failures)$/').values(false),
    )
    .overrideByName('Mean verdict', verdictColumn('Mean response time'))
    .overrideByName('p95 verdict', verdictColumn('p95'))
    .overrideByName('Failed difference', failedVerdictColumn('Failures'));

import { TableSortByFieldStateBuilder } from '@grafana/grafana-foundation-sdk/common';
import { column, transformation } from '../columns.ts';
import type { Row } from '../dashboard.ts';
import { table } from '../panels.ts';
import { compareQueries } from '../queries/compare.ts';
import { asProperty, failRatioChange } from '../thresholds.ts';
import { changeColumn, changeOf, differenceColumn, verdictColumn, verdictText } from './verdict.ts';

const columns = [
  'method',
  'name',
  'Mean verdict',
  'p95 verdict',
  ...['Mean', 'p95'].flatMap((figure) =>
    ['Run', 'Baseline', 'difference', 'change'].map((side) => `${figure} ${side}`),
  ),
  'Failed Run',
  'Failed Baseline',
  'Failed difference',
  'Requests Run',
  'Requests Baseline',
];

const compared = () => [
  transformation.without('Time'),
  transformation.merged(),
  ...changeOf('Mean'),
  ...changeOf('p95'),
  transformation.computed('Failed difference', 'Failed Run', '-', 'Failed Baseline'),
  transformation.ordered(...columns),
];

const differences = () =>
  table({
    title: 'Endpoints: run against baseline',
    description:
      `Each endpoint over both runs as wholes. Differences are run minus baseline. ${verdictText} ` +
      'An endpoint that only one of the runs has shows no difference.',
    empty: 'Nothing to compare: choose a run and a baseline that have samples.',
    queries: compareQueries.endpoints,
  })
    .height(14)
    .transformations(compared())
    .unit('ms')
    .decimals(0)
    .sortBy([new TableSortByFieldStateBuilder().displayName('Mean is').desc(true)])
    .overrideByName('method', [column.named('Method'), column.width(80)])
    .overrideByName('name', [column.named('Name'), column.width(240)])
    .overrideByName('Mean verdict', verdictColumn('Mean is'))
    .overrideByName('p95 verdict', verdictColumn('p95 is'))
    .overrideByRegexp('/difference$/', differenceColumn())
    .overrideByRegexp('/change$/', changeColumn())
    .overrideByRegexp('/^Failed/', column.unit('percentunit', 2))
    .overrideByName('Failed difference', [asProperty(failRatioChange()), column.colouredText()])
    .overrideByRegexp('/^Requests/', column.unit('locale', 0));

/** Which endpoint got slower. */
export const differencesRow = (): Row => ({ title: 'Endpoints', panels: [differences()] });

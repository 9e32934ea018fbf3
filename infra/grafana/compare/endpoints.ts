import { MappingType, SpecialValueMatch } from '@grafana/grafana-foundation-sdk/dashboard';
import type { DynamicConfigValue, SpecialValueMap } from '@grafana/grafana-foundation-sdk/dashboard';
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
  ...['Mean', 'p95'].flatMap((figure) => ['Baseline', 'Run', 'change'].map((side) => `${figure} ${side}`)),
  'Failed Run',
  'Failed difference',
  'Requests Run',
];

/** Rows of both runs, with what changed: the worst first. */
const compared = () => [
  transformation.without('Time'),
  transformation.merged(),
  ...changeOf('Mean'),
  ...changeOf('p95'),
  transformation.computed('Failed difference', 'Failed Run', '-', 'Failed Baseline'),
  transformation.greatest('Worst', 'Mean verdict', 'p95 verdict'),
  transformation.sortedBy('Worst', true),
  transformation.without('Worst'),
  transformation.ordered(...columns),
];

const missing = (text: string, color: string): DynamicConfigValue[] => {
  const mapping: SpecialValueMap = {
    type: MappingType.SpecialValue,
    options: { match: SpecialValueMatch.NullAndNan, result: { text, color, index: 0 } },
  };
  return [{ id: 'mappings', value: [mapping] }, column.colouredText()];
};

const differences = () =>
  table({
    title: 'Endpoints: run against baseline',
    description:
      `Each endpoint over both runs as wholes, the worst first. Differences are run minus baseline. ${verdictText} ` +
      'An endpoint that only the run has is new, one that only the baseline has is gone.',
    empty: 'Nothing to compare: choose a run and a baseline that have samples.',
    queries: compareQueries.endpoints,
  })
    .height(14)
    .transformations(compared())
    .unit('ms')
    .overrideByName('method', [column.named('Method'), column.width(75)])
    .overrideByName('name', [column.named('Name')])
    .overrideByName('Mean verdict', [...verdictColumn('Mean is'), column.width(110)])
    .overrideByName('p95 verdict', [...verdictColumn('p95 is'), column.width(110)])
    .overrideByRegexp('/^(Mean|p95) (Baseline|Run)$/', [column.width(85)])
    .overrideByName('Mean Baseline', missing('new', 'blue'))
    .overrideByName('Mean Run', missing('gone', 'purple'))
    .overrideByRegexp('/change$/', [...changeColumn(), column.width(80)])
    .overrideByRegexp('/^Failed/', [...column.unit('percentunit', 2), column.width(80)])
    .overrideByName('Failed difference', [...differenceColumn(), asProperty(failRatioChange()), column.colouredText()])
    .overrideByRegexp('/^Requests/', [...column.unit('locale', 0), column.width(80)])
    .overrideByRegexp('/^((Mean|p95) difference|(Failed|Requests) Baseline)$/', [
      ...differenceColumn(),
      column.hidden(),
    ])
    // Last, for patterns match the names that are shown.
    .overrideByName('Mean Baseline', [column.named('Mean base')])
    .overrideByName('p95 Baseline', [column.named('p95 base')])
    .overrideByName('Mean change', [column.named('Mean +/-')])
    .overrideByName('p95 change', [column.named('p95 +/-')])
    .overrideByName('Failed difference', [column.named('Failed +/-')])
    .overrideByName('Requests Run', [column.named('Requests')]);

/** Which endpoint got slower. */
export const differencesRow = (): Row => ({ title: 'Endpoints', panels: [differences()] });

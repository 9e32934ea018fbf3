import { GraphDrawStyle, StackingMode, StackingConfigBuilder } from '@grafana/grafana-foundation-sdk/common';
import { TableSortByFieldStateBuilder } from '@grafana/grafana-foundation-sdk/common';
import { column, transformation } from '../columns.ts';
import type { Row } from '../dashboard.ts';
import { table, timeSeries } from '../panels.ts';
import { runQueries } from '../queries/run.ts';
import { elsewhere, noSample } from './empty.ts';

const failureRate = () =>
  timeSeries({
    title: 'Failures/s over time',
    description: 'Failed requests per second of the whole test, as Locust counts them over its last ten seconds.',
    empty: noSample,
    queries: runQueries.failureRateOverTime,
  })
    .unit('suffix:/s')
    .decimals(1);

const byEndpoint = () =>
  timeSeries(
    {
      title: 'Failures/s by endpoint',
      description: 'Where failures come from: failed requests per second of each endpoint, one on top of the other.',
      empty: `No failures of the chosen endpoints in the time range. ${elsewhere}`,
      queries: runQueries.failuresByEndpoint,
    },
    ['max'],
  )
    .interval('10s')
    .unit('suffix:/s')
    .decimals(1)
    .drawStyle(GraphDrawStyle.Bars)
    .lineWidth(0)
    .fillOpacity(70)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));

const errors = () =>
  table({
    title: 'Errors',
    description:
      'What failed and how often, over the whole run. Texts that differ only in numbers and ids are counted as one; ' +
      'the example is one of them as it came.',
    empty: `No errors of the chosen endpoints in the time range. ${elsewhere}`,
    queries: runQueries.errors,
  })
    .withTransformation(transformation.without('Time'))
    .withTransformation(transformation.ordered('Count', 'method', 'name', 'error', 'Example'))
    .sortBy([new TableSortByFieldStateBuilder().displayName('Count').desc(true)])
    .overrideByName('Count', [...column.unit('locale', 0), column.width(90)])
    .overrideByName('method', [column.named('Method'), column.width(90)])
    .overrideByName('name', [column.named('Name'), column.width(260)])
    .overrideByName('error', [column.named('Error')]);

/** What fails. */
export const failuresRow = (): Row => ({ title: 'Failures', panels: [failureRate(), byEndpoint(), errors()] });

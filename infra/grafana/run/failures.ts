import { GraphDrawStyle, StackingMode, StackingConfigBuilder } from '@grafana/grafana-foundation-sdk/common';
import { TableSortByFieldStateBuilder } from '@grafana/grafana-foundation-sdk/common';
import { column, transformation } from '../columns.ts';
import type { Row } from '../dashboard.ts';
import { table, timeSeries, timeSeriesByInterval } from '../panels.ts';
import { endpointQueries, ownLines, theRest } from '../queries/endpoints.ts';
import { elsewhere } from './empty.ts';

const failureRate = () =>
  timeSeriesByInterval({
    title: 'Failures/s over time',
    description:
      'Failed requests per second of all chosen endpoints together, as Locust counts them over its last ten seconds.',
    empty: `No sample of the chosen endpoints in the time range. ${elsewhere}`,
    queries: endpointQueries.failureRate,
  })
    .unit('suffix:/s')
    .decimals(1)
    .overrideByName('Failures/s', [column.colour('red')]);

const byEndpoint = () =>
  timeSeries(
    {
      title: 'Failures/s by endpoint',
      description:
        `Where failures come from: failed requests per second of the ${ownLines} endpoints that fail most, and of all ` +
        'others together, one on top of the other.',
      empty: `No failures of the chosen endpoints in the time range. ${elsewhere}`,
      queries: endpointQueries.failures,
    },
    [],
  )
    .interval('10s')
    .unit('suffix:/s')
    .decimals(1)
    .drawStyle(GraphDrawStyle.Bars)
    .lineWidth(0)
    .fillOpacity(70)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'))
    .overrideByName(theRest, [column.colour('text')]);

const errors = () =>
  table({
    title: 'Errors',
    description:
      'What failed and how often, over the whole run. Texts that differ only in numbers and ids are counted as one; ' +
      'what you read is one of them as it came.',
    empty: `No errors of the chosen endpoints in the time range. ${elsewhere}`,
    queries: endpointQueries.errors,
  })
    .withTransformation(transformation.without('Time'))
    .withTransformation(transformation.ordered('Count', 'method', 'name', 'Example', 'error'))
    .sortBy([new TableSortByFieldStateBuilder().displayName('Count').desc(true)])
    .overrideByName('Count', [...column.unit('locale', 0), column.width(80)])
    .overrideByName('method', [column.named('Method'), column.width(75)])
    .overrideByName('name', [column.named('Name'), column.width(300)])
    .overrideByName('Example', [column.named('Error')])
    .overrideByName('error', [column.hidden()]);

/** What fails. */
export const failuresRow = (): Row => ({ title: 'Failures', panels: [failureRate(), byEndpoint(), errors()] });

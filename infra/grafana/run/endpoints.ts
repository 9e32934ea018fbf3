import {
  StackingConfigBuilder,
  StackingMode,
  TableSortByFieldStateBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { column, failedColumn, transformation } from '../columns.ts';
import type { Row } from '../dashboard.ts';
import { table, timeSeriesByInterval } from '../panels.ts';
import { endpointQueries, ownLines, theRest } from '../queries/endpoints.ts';
import { elsewhere } from './empty.ts';

const columns = [
  'method',
  'name',
  'Trend #B',
  'Requests',
  'Failures',
  'Failed',
  'Mean',
  'Median',
  'p95',
  'p99',
  'Min',
  'Max',
  'Requests/s',
  'Size',
] as const;

const endpoints = () =>
  table({
    title: 'Endpoints',
    description:
      'Each endpoint over the whole run, as Locust shows it, at the last sample of the time range. The picture is the ' +
      'mean response time of what finished between two samples. Empty percentiles are ones that Locust does not report.',
    empty: `No sample of this run in the time range, or none of the chosen endpoints. ${elsewhere}`,
    queries: [endpointQueries.table, endpointQueries.pictures],
  })
    .height(14)
    // Enough for a picture, and few enough points for hundreds of rows.
    .maxDataPoints(60)
    .interval('10s')
    .withTransformation(transformation.withoutTimeOf('A'))
    .withTransformation(transformation.picturesOf('B'))
    .withTransformation(transformation.merged())
    .withTransformation(transformation.ordered(...columns))
    .sortBy([new TableSortByFieldStateBuilder().displayName('Requests').desc(true)])
    .unit('ms')
    .overrideByName('method', [column.named('Method'), column.width(75)])
    .overrideByName('name', [column.named('Name')])
    .overrideByName('Trend #B', [column.named('Mean over time'), column.picture(), column.width(120)])
    .overrideByRegexp('/^(Requests|Failures)$/', [...column.unit('locale', 0), column.width(85)])
    .overrideByName('Failed', [...failedColumn(), column.width(75)])
    .overrideByRegexp('/^(Mean|Median|p95|p99|Min|Max)$/', [column.width(75)])
    .overrideByName('Requests/s', [...column.unit('reqps', 1), column.width(95)])
    .overrideByName('Size', [...column.unit('decbytes'), column.width(75)]);

const empty = `No sample of the chosen endpoints in the time range. ${elsewhere}`;

const requestRates = () =>
  timeSeriesByInterval(
    {
      title: 'Requests/s by endpoint',
      description:
        `Requests per second of the ${ownLines} busiest of the chosen endpoints, and of all others together, one on top ` +
        'of the other, as Locust counts them over its last ten seconds.',
      empty,
      queries: endpointQueries.requestRates,
    },
    [],
  )
    .unit('reqps')
    .decimals(1)
    .lineWidth(1)
    .fillOpacity(30)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'))
    .overrideByName(theRest, [column.colour('text')]);

const means = () =>
  timeSeriesByInterval(
    {
      title: 'Mean response time by endpoint',
      description:
        `Mean of the requests that finished since the sample before, of the ${ownLines} busiest of the chosen endpoints, ` +
        'and of all others together. Locust has no current percentiles of single endpoints.',
      empty,
      queries: endpointQueries.means,
    },
    [],
  )
    .unit('ms')
    .overrideByName(theRest, [column.colour('text')]);

/** Which endpoint. */
export const endpointsRow = (): Row => ({ title: 'Endpoints', panels: [requestRates(), means(), endpoints()] });

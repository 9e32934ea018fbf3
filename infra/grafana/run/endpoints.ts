import { TableSortByFieldStateBuilder } from '@grafana/grafana-foundation-sdk/common';
import { column, failedColumn, transformation } from '../columns.ts';
import type { Row } from '../dashboard.ts';
import { table } from '../panels.ts';
import { runQueries } from '../queries/run.ts';
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
  'p90',
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
    queries: [runQueries.endpoints, runQueries.endpointPictures],
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
    .decimals(0)
    .overrideByName('method', [column.named('Method'), column.width(80)])
    .overrideByName('name', [column.named('Name'), column.width(260)])
    .overrideByRegexp('/^Trend/', [column.named('Mean over time'), column.picture(), column.width(150)])
    .overrideByName('Requests', [...column.unit('locale', 0)])
    .overrideByName('Failures', [...column.unit('locale', 0)])
    .overrideByName('Failed', failedColumn())
    .overrideByName('Requests/s', [...column.unit('reqps', 1)])
    .overrideByName('Size', [...column.unit('decbytes', 0)]);

/** Which endpoint. */
export const endpointsRow = (): Row => ({ title: 'Endpoints', panels: [endpoints()] });

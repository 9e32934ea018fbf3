import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import { AnnotationQueryBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { influxDb } from '../influxql.ts';
import { eventQuery } from '../queries/run.ts';

/** How the InfluxDB data source takes a query for annotations. */
interface InfluxQlAnnotation extends Dataquery {
  readonly refId: string;
  readonly query: string;
  readonly rawQuery: true;
  readonly fromAnnotations: true;
  readonly textColumn: string;
}

function annotation(name: string, event: Parameters<typeof eventQuery>[0], colour: string): AnnotationQueryBuilder {
  const target: Builder<InfluxQlAnnotation> = {
    build: () => ({
      refId: name,
      query: eventQuery(event),
      rawQuery: true,
      fromAnnotations: true,
      textColumn: 'text',
      _implementsDataqueryVariant,
    }),
  };
  return new AnnotationQueryBuilder().name(name).datasource(influxDb).enable(true).iconColor(colour).target(target);
}

function _implementsDataqueryVariant(): void {
  // Says what it is by being there.
}

/** Lines over the pictures where something happened to the run. */
export const runAnnotations = () => [
  annotation('Start', 'start', 'green'),
  annotation('Stop', 'stop', 'blue'),
  annotation('Reset', 'reset', 'purple'),
];

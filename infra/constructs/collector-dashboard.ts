import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { AlarmStatusWidget, Dashboard, GraphWidget, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Alarm, IMetric, IWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { Alias } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { CollectorMetric } from '../../lambda/collector/metric-names.ts';
import { alarmPeriod as period, collectorMetric } from './collector-metrics.ts';

export interface DashboardProps {
  readonly collector: Alias;
  readonly api: HttpApi;
  readonly alarms: readonly Alarm[];
}

/** CloudWatch refuses a dashboard that has a widget with more; a hundred shards have more. */
const alarmsPerWidget = 100;

/** CloudWatch's own dashboard: what can be seen when InfluxDB cannot. */
export function addDashboard(scope: Construct, { collector, api, alarms }: DashboardProps): void {
  new Dashboard(scope, 'Dashboard', {
    widgets: [
      ...statesOf(alarms),
      [
        ofCollector('Targets and looks', 'Targets', 'Looks'),
        ofCollector('Samples', 'Samples', 'SamplesFailed', 'Missed', 'Skipped'),
        ofCollector('Lines', 'PointsDelivered', 'PointsReplayed', 'PointsWaiting', 'PointsRejected', 'PointsLost'),
      ],
      [
        graph(
          'Collector calls and errors',
          collector.metricInvocations({ period }),
          collector.metricErrors({ period }),
        ),
        graph(
          'Collector duration and lateness',
          collector.metricDuration({ period, statistic: Stats.MAXIMUM }),
          collectorMetric('Lateness'),
        ),
        graph(
          'Admin API',
          api.metricCount({ period }),
          api.metricClientError({ period }),
          api.metricServerError({ period }),
        ),
      ],
    ],
  });
}

/** The states of alarms, in as many rows as it takes. */
function statesOf(alarms: readonly Alarm[]): IWidget[][] {
  const rows: IWidget[][] = [];
  for (let first = 0; first < alarms.length; first += alarmsPerWidget) {
    const shown = alarms.slice(first, first + alarmsPerWidget);
    rows.push([new AlarmStatusWidget({ title: 'Alarms', alarms: shown, width: 24 })]);
  }
  return rows;
}

const ofCollector = (title: string, ...names: CollectorMetric[]): IWidget =>
  graph(title, ...names.map(collectorMetric));

function graph(title: string, ...left: IMetric[]): IWidget {
  return new GraphWidget({ title, left, width: 8, leftYAxis: { min: 0 } });
}

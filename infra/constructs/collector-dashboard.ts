import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { AlarmStatusWidget, Dashboard, GraphWidget, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Alarm, IMetric, IWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { Alias } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { CollectorMetric } from '../../lambda/windows/window-figures.ts';
import { alarmPeriod as period } from './collector-metrics.ts';
import type { CollectorMetrics } from './collector-metrics.ts';

export interface DashboardProps {
  readonly collector: Alias;
  readonly api: HttpApi;
  readonly metrics: CollectorMetrics;
  readonly alarms: readonly Alarm[];
}

/** CloudWatch refuses widgets with more alarms; a hundred shards have more. */
const alarmsPerWidget = 100;

/** A dashboard in CloudWatch, for when InfluxDB cannot be asked. */
export function addDashboard(scope: Construct, { collector, api, metrics, alarms }: DashboardProps): void {
  const ofCollector = (title: string, ...names: CollectorMetric[]): IWidget =>
    graph(title, ...names.map((name) => metrics.of(name)));
  new Dashboard(scope, 'Dashboard', {
    widgets: [
      ...statesOf(alarms),
      [
        ofCollector('Targets and idle polls', 'Targets', 'Looks'),
        ofCollector('Samples', 'Samples', 'SamplesFailed', 'Missed', 'MissedAtStart', 'Skipped'),
        ofCollector('Lines', 'PointsDelivered', 'PointsReplayed', 'PointsWaiting', 'PointsRejected', 'PointsLost'),
      ],
      [
        graph(
          'Collector invocations and errors',
          collector.metricInvocations({ period }),
          collector.metricErrors({ period }),
          collector.metricThrottles({ period }),
        ),
        graph(
          'Collector duration and lateness',
          collector.metricDuration({ period, statistic: Stats.MAXIMUM }),
          metrics.of('Lateness'),
          metrics.of('StartLateness'),
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

function graph(title: string, ...left: IMetric[]): IWidget {
  return new GraphWidget({ title, left, width: 8, leftYAxis: { min: 0 } });
}

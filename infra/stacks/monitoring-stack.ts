import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { AlarmStatusWidget, Dashboard, GraphWidget, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Alarm, IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Alias } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { collectorMetric, sumOf } from '../constructs/collector-metrics.ts';
import { addRunbookAlarm, alarmPeriod } from '../constructs/runbook-alarm.ts';
import type { RunbookAlarmProps } from '../constructs/runbook-alarm.ts';
import type { Settings } from '../settings.ts';

export interface MonitoringStackProps {
  readonly settings: Settings;
  readonly collector: Alias;
  readonly deadLetters: Queue;
  readonly api: HttpApi;
}

const period = alarmPeriod;
/** A window's own minute and a few seconds for beginning late and ending cleanly, ms. */
const longWindowMs = 65_000;

/** Alarms, each with its runbook; a dashboard; and whom they tell. */
export class MonitoringStack extends Stack {
  private readonly topic: Topic;
  private readonly alarms: Alarm[] = [];
  private readonly settings: Settings;

  constructor(scope: Construct, id: string, props: MonitoringStackProps) {
    super(scope, id, { description: 'locust2influx: alarms and dashboard' });
    this.settings = props.settings;
    this.topic = new Topic(this, 'Alarms', { enforceSSL: true });
    // The policy that enforceSSL makes takes the place of SNS's own, which lets the account's alarms publish.
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    if (props.settings.alarmEmail !== undefined) {
      this.topic.addSubscription(new EmailSubscription(props.settings.alarmEmail));
    }
    this.watchFunction(props);
    this.watchWindows();
    this.watchLines();
    this.watchApi(props);
    this.createDashboard(props);
    const topicArn = this.topic.topicArn;
    new CfnOutput(this, 'TellMe', {
      description: 'Sends the alarms to one more address',
      value: `aws sns subscribe --topic-arn ${topicArn} --protocol email --notification-endpoint you@example.com --region ${this.region}`,
    });
  }

  private alarm(id: string, props: Omit<RunbookAlarmProps, 'topic' | 'runbookUrl'>): void {
    const { runbookUrl } = this.settings;
    this.alarms.push(addRunbookAlarm(this, id, { ...props, topic: this.topic, runbookUrl }));
  }

  private watchFunction({ collector, deadLetters }: MonitoringStackProps): void {
    this.alarm('NotRunning', {
      title: 'collector not running',
      meaning: 'The collector was not called for five minutes, so no load test is seen.',
      metric: collector.metricInvocations({ period }),
      threshold: { below: 1 },
      alarmsWithoutData: true,
    });
    this.alarm('Errors', {
      title: 'collector errors',
      meaning: 'Windows of the collector ended with an error or were killed.',
      metric: collector.metricErrors({ period }),
      threshold: { atLeast: 1 },
    });
    this.alarm('Overrun', {
      title: 'windows overrun',
      meaning: 'A window of the collector took longer than its minute.',
      metric: collector.metricDuration({ period, statistic: Stats.MAXIMUM }),
      threshold: { atLeast: longWindowMs },
    });
    this.alarm('DeadLetters', {
      title: 'dead letters',
      meaning: 'Calls of the collector failed or never came through, and are kept for two weeks.',
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({ period, statistic: Stats.MAXIMUM }),
      threshold: { atLeast: 1 },
    });
  }

  private watchWindows(): void {
    this.alarm('FallingBehind', {
      title: 'instants missed',
      meaning: 'Targets were not sampled at instants when they should have been.',
      metric: sumOf('missed or skipped', ['Missed', 'Skipped']),
      threshold: { atLeast: 10 },
    });
    this.alarm('SamplesFailing', {
      title: 'samples failing',
      meaning: 'Locusts do not answer while their tests run.',
      metric: collectorMetric('SamplesFailed'),
      threshold: { atLeast: 6 },
    });
    this.alarm('PlatformFailures', {
      title: 'platform failures',
      meaning: 'DynamoDB, SQS or the secrets failed the collector, or items of the table are no targets.',
      metric: sumOf('platform failures, unfit targets', ['PlatformFailures', 'UnfitTargets']),
      threshold: { atLeast: 1 },
      periods: 2,
    });
  }

  private watchLines(): void {
    this.alarm('LinesNotStored', {
      title: 'lines waiting or rejected',
      meaning: 'InfluxDB did not take lines.',
      metric: sumOf('waiting or rejected', ['PointsWaiting', 'PointsRejected']),
      threshold: { atLeast: 1 },
    });
  }

  private watchApi({ api }: MonitoringStackProps): void {
    this.alarm('AdminFailing', {
      title: 'admin 5xx',
      meaning: 'The admin API answered with 5xx.',
      metric: api.metricServerError({ period, statistic: Stats.SUM }),
      threshold: { atLeast: 1 },
    });
  }

  private createDashboard({ collector, api }: MonitoringStackProps): void {
    const graph = (title: string, ...left: IMetric[]): GraphWidget =>
      new GraphWidget({ title, left, width: 8, leftYAxis: { min: 0 } });
    new Dashboard(this, 'Dashboard', {
      widgets: [
        [new AlarmStatusWidget({ title: 'Alarms', alarms: this.alarms, width: 24 })],
        [
          graph(
            'Targets and looks',
            collectorMetric('Targets').with({ statistic: Stats.MAXIMUM }),
            collectorMetric('Looks'),
          ),
          graph('Samples', collectorMetric('Samples'), collectorMetric('SamplesFailed'), collectorMetric('Missed')),
          graph('Lines', ...(['PointsDelivered', 'PointsWaiting', 'PointsRejected'] as const).map(collectorMetric)),
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
}

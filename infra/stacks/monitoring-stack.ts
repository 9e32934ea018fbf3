import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Alias } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { addDashboard } from '../constructs/collector-dashboard.ts';
import { alarmPeriod as period, minute, windowsOfShard } from '../constructs/collector-metrics.ts';
import { lineAlarms, windowAlarms } from '../constructs/collector-alarms.ts';
import type { AlarmDefinition } from '../constructs/collector-alarms.ts';
import { addRunbookAlarm } from '../constructs/runbook-alarm.ts';
import type { Settings } from '../settings.ts';

export interface MonitoringStackProps {
  readonly settings: Settings;
  readonly collector: Alias;
  readonly deadLetters: Queue;
  readonly api: HttpApi;
}

/** A window's own minute and a few seconds for beginning late and ending cleanly, ms. */
const longWindowMs = 65_000;
/** Data stays away for so many minutes: a cold start, a schedule that is late, a deployment are over by then. */
const silentMinutes = 5;

/** Alarms, each with its runbook; a dashboard; and whom they tell. */
export class MonitoringStack extends Stack {
  private readonly topic: Topic;
  private readonly alarms: Alarm[] = [];
  private readonly runbookUrl: string | undefined;

  constructor(scope: Construct, id: string, props: MonitoringStackProps) {
    super(scope, id, { description: 'locust2influx: alarms and dashboard' });
    this.runbookUrl = props.settings.runbookUrl;
    this.topic = this.createTopic(props.settings);
    this.watchCalls(props);
    this.watchShards(props.settings);
    for (const [id, definition] of Object.entries({ ...windowAlarms, ...lineAlarms })) this.alarm(id, definition);
    this.watchApi(props);
    addDashboard(this, { ...props, alarms: this.alarms });
    new CfnOutput(this, 'TellMe', {
      description: 'Sends the alarms to one more address',
      value: `aws sns subscribe --topic-arn ${this.topic.topicArn} --protocol email --notification-endpoint you@example.com --region ${this.region}`,
    });
  }

  private createTopic({ alarmEmail }: Settings): Topic {
    const topic = new Topic(this, 'Alarms', { enforceSSL: true });
    // The policy that enforceSSL makes takes the place of SNS's own, which lets the account's alarms publish.
    topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    if (alarmEmail !== undefined) topic.addSubscription(new EmailSubscription(alarmEmail));
    return topic;
  }

  private alarm(id: string, definition: AlarmDefinition): void {
    const { topic, runbookUrl } = this;
    this.alarms.push(addRunbookAlarm(this, id, { ...definition, topic, runbookUrl }));
  }

  private watchCalls({ collector, deadLetters }: MonitoringStackProps): void {
    this.alarm('NotRunning', {
      title: 'collector not running',
      meaning: 'The collector was not called for five minutes: no load test is seen, and what runs is lost.',
      first: 'look whether its schedules are enabled (EventBridge, Scheduler, locust2influx-collector).',
      metric: collector.metricInvocations({ period: minute }),
      threshold: { below: 1 },
      periods: silentMinutes,
      alarmsWithoutData: true,
    });
    this.alarm('Errors', {
      title: 'collector errors',
      meaning: 'Windows of the collector ended with an error or were killed.',
      first: "read the last errors in the collector's log: the command is the output FollowLogs.",
      metric: collector.metricErrors({ period }),
      threshold: { atLeast: 1 },
    });
    this.alarm('Overrun', {
      title: 'windows overrun',
      meaning: 'A window of the collector took longer than its minute.',
      first: 'look at the durations on the dashboard; double memoryMb when they grow with the targets.',
      metric: collector.metricDuration({ period, statistic: Stats.MAXIMUM }),
      threshold: { atLeast: longWindowMs },
    });
    this.alarm('DeadLetters', {
      title: 'dead letters',
      meaning: 'Calls of the collector failed or never came through, and are kept for two weeks.',
      first: 'read one in the queue locust2influx-collector-DeadLetters, mend its cause, purge the queue.',
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({ period, statistic: Stats.MAXIMUM }),
      threshold: { atLeast: 1 },
    });
  }

  /** A single shard's schedule may fail while the others' calls keep the function busy. */
  private watchShards({ shards }: Settings): void {
    for (let shard = 0; shards > 1 && shard < shards; shard += 1) {
      this.alarm(`Shard${shard}NotRunning`, {
        title: 'shard not running',
        meaning: `Shard ${shard} of ${shards} had no window for five minutes: no test of its targets is seen.`,
        first: `look whether the schedule of share ${shard} is enabled (EventBridge, Scheduler).`,
        metric: windowsOfShard(shard),
        threshold: { below: 1 },
        periods: silentMinutes,
        alarmsWithoutData: true,
      });
    }
  }

  private watchApi({ api }: MonitoringStackProps): void {
    this.alarm('AdminFailing', {
      title: 'admin 5xx',
      meaning: 'The admin API answered with 5xx.',
      first: "read the last errors in the admin function's log, where each answer's instance stands with its cause.",
      metric: api.metricServerError({ period, statistic: Stats.SUM }),
      threshold: { atLeast: 1 },
    });
  }
}

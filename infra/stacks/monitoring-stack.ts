import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Alias } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { apiAlarms, invocationAlarms, shardAlarms } from '../alarms/function-alarms.ts';
import { influxAlarms } from '../alarms/influx-alarms.ts';
import { addRunbookAlarm } from '../alarms/runbook-alarm.ts';
import type { AlarmDefinition } from '../alarms/runbook-alarm.ts';
import { targetAlarms } from '../alarms/target-alarms.ts';
import { lineAlarms, windowAlarms } from '../alarms/window-alarms.ts';
import { addDashboard } from '../constructs/collector-dashboard.ts';
import { CollectorMetrics } from '../constructs/collector-metrics.ts';
import type { Settings } from '../settings/settings.ts';

export interface MonitoringStackProps {
  readonly settings: Settings;
  readonly collector: Alias;
  readonly api: HttpApi;
  /** Of a managed InfluxDB, by which CloudWatch knows it; undefined: it is one's own. */
  readonly influxInstance: string | undefined;
}

/** Alarms, each with its runbook; the topics that they notify; a dashboard, if one is wanted. */
export class MonitoringStack extends Stack {
  /** What alarms on the platform notify. */
  readonly topic: Topic;

  constructor(scope: Construct, id: string, props: MonitoringStackProps) {
    super(scope, id, { description: 'locust2influx: alarms and dashboard' });
    const { settings, collector, api, influxInstance } = props;
    const { alarmThresholds: thresholds, alarmEmail } = settings;
    const metrics = new CollectorMetrics(settings.name);
    const ofPlatform = {
      ...invocationAlarms(collector, thresholds),
      ...shardAlarms(metrics, settings.shards),
      ...windowAlarms(metrics, thresholds),
      ...lineAlarms(metrics, thresholds),
      ...apiAlarms(api, thresholds),
      ...(influxInstance !== undefined && influxAlarms(influxInstance, thresholds)),
    };
    this.topic = this.createTopic('Alarms', alarmEmail, 'TellMe');
    const alarms = this.addAlarms(ofPlatform, this.topic, settings);
    if (settings.targetAlarms !== undefined) {
      const topic = this.createTopic('TargetAlarms', settings.targetAlarms.email, 'TellMeOfTargets');
      alarms.push(...this.addAlarms(targetAlarms(metrics, thresholds), topic, settings));
    }
    if (settings.dashboard) addDashboard(this, { collector, api, metrics, alarms });
  }

  private addAlarms(
    definitions: Readonly<Record<string, AlarmDefinition>>,
    topic: Topic,
    { runbookUrl }: Settings,
  ): Alarm[] {
    return Object.entries(definitions).map(([id, definition]) =>
      addRunbookAlarm(this, id, { ...definition, topic, runbookUrl }),
    );
  }

  /** @param output the name of the output that says how to subscribe to the topic */
  private createTopic(id: string, email: string | undefined, output: string): Topic {
    const topic = new Topic(this, id, { enforceSSL: true });
    // The policy that enforceSSL adds replaces SNS's default one, which would let the account's alarms publish.
    topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    if (email !== undefined) topic.addSubscription(new EmailSubscription(email));
    new CfnOutput(this, output, {
      description: 'Sends alarms to one more address',
      value: `aws sns subscribe --topic-arn ${topic.topicArn} --protocol email --notification-endpoint you@example.com --region ${this.region}`,
    });
    return topic;
  }
}

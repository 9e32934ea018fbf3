import { Stack, Stage } from 'aws-cdk-lib';
import type { StageProps } from 'aws-cdk-lib';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { Locust2influx } from '../locust2influx.ts';

/**
 * An example to copy from: locust2influx in an app of your own, twice in one account, with the alarms of each in a queue
 * beside it. Build the bundles first:
 *
 *     await buildFunctions('dist');
 *     new LoadTests(app, 'LoadTests', 'dist', { env: { account: '123456789012', region: 'eu-central-1' } });
 */
export class LoadTests extends Stage {
  constructor(scope: Construct, id: string, bundlesFolder: string, props?: StageProps) {
    super(scope, id, props);
    const common = {
      bundlesFolder,
      influxUrl: 'https://influx.example.com',
      influxOrg: 'my-org',
      influxTokenSecret: 'my/influx-token',
    };
    const production = new Locust2influx(this, 'Production', {
      ...common,
      name: 'production',
      influxBucket: 'locust',
      shards: 2,
      targetAlarms: true,
      alarmThresholds: { LinesWaiting: 300 },
    });
    const staging = new Locust2influx(this, 'Staging', {
      ...common,
      name: 'staging',
      influxBucket: 'locust-staging',
      retain: false,
    });
    const own = new Stack(this, 'Own');
    const queue = new Queue(own, 'Alarms', { enforceSSL: true });
    for (const { alarms } of [production, staging]) alarms.addSubscription(new SqsSubscription(queue));
  }
}

import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { Alias } from 'aws-cdk-lib/aws-lambda';
import type { IFunction, IVersion } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { CollectorVariables } from '../../lambda/collector/env.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import { allowSpool } from '../constructs/allow-spool.ts';
import { BundledFunction } from '../constructs/bundled-function.ts';
import type { FunctionSurroundings } from '../constructs/bundled-function.ts';
import { influxVariables } from '../constructs/influx-destination.ts';
import type { InfluxDestination } from '../constructs/influx-destination.ts';
import { MinuteSchedule } from '../constructs/minute-schedule.ts';
import { describeNetwork, joinNetwork } from '../constructs/private-network.ts';
import { WakeQueue } from '../constructs/wake-queue.ts';
import type { Settings } from '../settings.ts';
import type { StorageStack } from './storage-stack.ts';

export interface CollectorStackProps {
  readonly settings: Settings;
  readonly surroundings: Omit<FunctionSurroundings, 'network'>;
  readonly storage: StorageStack;
  readonly influx: InfluxDestination;
}

/** A window lasts at most a minute from when it begins; the rest is for a cold start and a clean end. */
const timeoutSeconds = 75;

/** The collector: its function, its schedule, its queues. */
export class CollectorStack extends Stack {
  readonly alias: Alias;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: CollectorStackProps) {
    super(scope, id, { description: 'locust2influx: collector, schedule, queues' });
    const { settings, storage } = props;
    const network = joinNetwork(this, settings, props.influx.inNetwork);
    this.deadLetters = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    const { deadLetters } = this;
    acknowledge(deadLetters, 'SQS3', 'It is where dead letters go.');
    const wake =
      settings.idleSeconds < 60 ? new WakeQueue(this, 'Wake', { functionTimeoutSeconds: timeoutSeconds }) : undefined;
    const collector = new BundledFunction(this, 'Collector', {
      ...props.surroundings,
      network,
      bundle: 'collector',
      description: 'Reads Locusts for one minute and writes to InfluxDB',
      memoryMb: settings.memoryMb,
      timeoutSeconds,
      variables: variablesOf(props, wake?.queue.queueUrl),
    });
    this.grant(collector, props, wake?.queue);
    this.alias = this.createAlias(collector);
    // CDK's own classes are not quite its interfaces where optional properties are exact.
    const target = this.alias as IFunction;
    wake?.call(target, settings.shards);
    for (let shard = 0; shard < settings.shards; shard += 1) {
      new MinuteSchedule(this, `Minute${shard}`, { collector: target, deadLetters, shard, shards: settings.shards });
    }
    this.describe(collector, storage);
    if (network !== undefined) describeNetwork(this, network);
  }

  private grant(collector: BundledFunction, { storage, influx }: CollectorStackProps, wake: Queue | undefined): void {
    collector.allow(['dynamodb:Scan', 'dynamodb:GetItem', 'dynamodb:UpdateItem'], [storage.targets.tableArn]);
    collector.allow(['dynamodb:BatchGetItem', 'dynamodb:PutItem'], [storage.runs.tableArn]);
    collector.allow(['secretsmanager:GetSecretValue'], [influx.tokenSecretArn]);
    const parameters = `parameter${storage.targetSecretsPrefix}/*`;
    collector.allowByPrefix(
      ['ssm:GetParameter'],
      'ssm',
      parameters,
      'Each target has parameters of its own, by its id.',
    );
    allowSpool(collector, storage.waitingLines);
    collector.allow(['sqs:SendMessage'], [this.deadLetters.queueArn]);
    if (wake === undefined) return;
    const receive = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
    collector.allow(['sqs:SendMessage', ...receive], [wake.queueArn]);
  }

  private createAlias(collector: BundledFunction): Alias {
    const alias = new Alias(this, 'Live', {
      aliasName: 'live',
      version: collector.function.currentVersion as IVersion,
    });
    // The schedule calls asynchronously, so Lambda has retries of its own.
    alias.configureAsyncInvoke({
      retryAttempts: 0,
      maxEventAge: Duration.minutes(1),
      // CDK's own class for it allows more than is needed; what is, the function may do already.
      onFailure: { bind: () => ({ destination: this.deadLetters.queueArn }) },
    });
    return alias;
  }

  private describe(collector: BundledFunction, storage: StorageStack): void {
    new CfnOutput(this, 'FollowLogs', {
      value: `aws logs tail ${collector.logGroup.logGroupName} --follow --region ${this.region}`,
    });
    const scan = `aws dynamodb scan --table-name ${storage.targets.tableName} --region ${this.region}`;
    new CfnOutput(this, 'ListTargets', { value: scan });
  }
}

function variablesOf(
  { settings, storage, influx }: CollectorStackProps,
  wakeQueueUrl: string | undefined,
): CollectorVariables {
  return {
    TARGETS_TABLE: storage.targets.tableName,
    RUNS_TABLE: storage.runs.tableName,
    ...influxVariables(influx),
    TARGET_SECRETS_PREFIX: storage.targetSecretsPrefix,
    WAKE_QUEUE_URL: wakeQueueUrl,
    SPOOL_BUCKET: storage.waitingLines.bucketName,
    IDLE_SECONDS: String(settings.idleSeconds),
    ALLOW_PRIVATE_ADDRESSES: settings.allowPrivateAddresses ? 'true' : 'false',
  };
}

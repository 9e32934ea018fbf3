import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { Alias } from 'aws-cdk-lib/aws-lambda';
import type { IFunction, IVersion } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { CollectorVariables } from '../../lambda/collector/env.ts';
import { watchedIndex } from '../../lambda/runtime/table-keys.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import { allowSpool } from '../constructs/allow-spool.ts';
import { BundledFunction } from '../constructs/bundled-function.ts';
import type { FunctionSurroundings } from '../constructs/bundled-function.ts';
import { collectorService } from '../constructs/collector-metrics.ts';
import { influxVariables } from '../constructs/influx-destination.ts';
import type { InfluxDestination } from '../constructs/influx-destination.ts';
import { MinuteSchedule } from '../constructs/minute-schedule.ts';
import { describeNetwork, joinNetwork } from '../constructs/private-network.ts';
import { collectorTimeoutSeconds, invokeByQueue } from '../constructs/wake-queue.ts';
import type { Settings } from '../settings/settings.ts';
import type { StorageStack } from './storage-stack.ts';

export interface CollectorStackProps {
  readonly settings: Settings;
  readonly surroundings: Omit<FunctionSurroundings, 'network'>;
  readonly storage: StorageStack;
  readonly influx: InfluxDestination;
}

/** The collector: its function, its schedule, its queues. */
export class CollectorStack extends Stack {
  readonly alias: Alias;
  private readonly failedInvocations: Queue;

  constructor(scope: Construct, id: string, props: CollectorStackProps) {
    super(scope, id, { description: 'locust2influx: collector, schedule, queues' });
    const { settings, storage } = props;
    const network = joinNetwork(this, settings, props.influx.inNetwork);
    // Another id would be another queue, and what is in this one would be lost.
    this.failedInvocations = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    const { failedInvocations } = this;
    acknowledge(failedInvocations, 'SQS3', 'It is itself the queue for failed invocations.');
    // An earlier version's alarm takes it, and an export that is taken cannot go.
    this.exportValue(failedInvocations.queueName);
    const wake = settings.idleSeconds < 60 ? storage.wake : undefined;
    const collector = new BundledFunction(this, 'Collector', {
      ...props.surroundings,
      network,
      bundle: 'collector',
      description: 'Reads Locusts for one minute and writes to InfluxDB',
      memoryMb: settings.memoryMb,
      timeoutSeconds: collectorTimeoutSeconds,
      variables: variablesOf(props, wake?.queueUrl),
    });
    this.grant(collector, props, wake);
    this.alias = this.createAlias(collector);
    // With exactOptionalPropertyTypes, CDK's classes do not quite match its interfaces.
    const target = this.alias as IFunction;
    if (wake !== undefined) invokeByQueue(this, { collector: target, queue: wake });
    for (let shard = 0; shard < settings.shards; shard += 1) {
      new MinuteSchedule(this, `Minute${shard}`, {
        collector: target,
        failedInvocations,
        shard,
        shards: settings.shards,
      });
    }
    this.describe(collector, storage);
    if (network !== undefined) describeNetwork(this, network);
  }

  private grant(collector: BundledFunction, { storage, influx }: CollectorStackProps, wake: Queue | undefined): void {
    const targets = storage.targets.tableArn;
    collector.allow(['dynamodb:Scan', 'dynamodb:GetItem', 'dynamodb:UpdateItem'], [targets]);
    collector.allow(['dynamodb:Scan'], [`${targets}/index/${watchedIndex.name}`]);
    const records = ['BatchGetItem', 'GetItem', 'PutItem', 'DeleteItem', 'Query'].map((action) => `dynamodb:${action}`);
    collector.allow(records, [storage.runs.tableArn]);
    collector.allow(['secretsmanager:GetSecretValue'], [influx.tokenSecretArn]);
    const parameters = `parameter${storage.targetSecretsPrefix}/*`;
    collector.allowByPrefix(
      ['ssm:GetParameters'],
      'ssm',
      parameters,
      'Each target has its own parameters, named by its id.',
    );
    allowSpool(collector, storage.waitingLines);
    collector.allow(['sqs:SendMessage'], [this.failedInvocations.queueArn]);
    if (wake === undefined) return;
    const receive = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
    collector.allow(['sqs:SendMessage', ...receive], [wake.queueArn]);
  }

  private createAlias(collector: BundledFunction): Alias {
    const alias = new Alias(this, 'Live', {
      aliasName: 'live',
      version: collector.function.currentVersion as IVersion,
    });
    // The schedule invokes asynchronously, so Lambda would retry by itself.
    alias.configureAsyncInvoke({
      retryAttempts: 0,
      maxEventAge: Duration.minutes(1),
      // CDK's own class allows more than is needed; the function already may do what is.
      onFailure: { bind: () => ({ destination: this.failedInvocations.queueArn }) },
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
    SERVICE_NAME: collectorService(settings.name),
    ALLOW_PRIVATE_ADDRESSES: settings.allowPrivateAddresses ? 'true' : 'false',
  };
}

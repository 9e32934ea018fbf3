import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

/** A look comes up to a minute after it was asked for, and is of no use a minute after that. */
const retention = Duration.minutes(2);
/**
 * For each shard one look that found a test and samples it, and for all of them three that wait for Locusts that hang:
 * with a look every 2 s and 5 s for each answer. The schedule calls each shard once more, so that of the 10 calls at
 * once of a new account 5 are left for the API with one shard, 3 with two, 1 with three, and none from four on.
 */
const looksAtOnce = (shards: number): number => shards + 3;

/**
 * Delayed looks: messages that call the collector again within their minute. A look that could not be had is not tried
 * again, for the next one follows in seconds: it is gone before it could be seen anew. One that fails counts as an error
 * of the function, which has an alarm.
 */
export class WakeQueue extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, props: { readonly functionTimeoutSeconds: number }) {
    super(scope, id);
    this.queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      // Six times the function's timeout is what AWS asks for; longer than a look is kept.
      visibilityTimeout: Duration.seconds(6 * props.functionTimeoutSeconds),
      retentionPeriod: retention,
    });
    acknowledge(this.queue, 'SQS3', 'A look that was missed is of no use to anybody; the next one follows in seconds.');
  }

  /** Each message calls the collector once, alone: it may go on to the end of its minute. */
  call(collector: IFunction, shards: number): void {
    new EventSourceMapping(this, 'Source', {
      target: collector,
      eventSourceArn: this.queue.queueArn,
      batchSize: 1,
      // What is above waits in the queue, instead of being refused by Lambda.
      maxConcurrency: looksAtOnce(shards),
    });
  }
}

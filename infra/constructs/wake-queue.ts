import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

/**
 * A window begins within its minute, and goes on until the next one has begun, for another minute at most. The rest is
 * for a cold start and a clean end.
 */
export const collectorTimeoutSeconds = 135;
/** An idle poll comes up to a minute after it was requested, and is of no use a minute after that. */
const retention = Duration.minutes(2);
/**
 * The queue of idle polls: delayed messages that invoke the collector again within the minute. A poll that could not be
 * made is not repeated, because the next one follows in seconds: the message expires before it could be received again.
 * A poll that fails counts as an error of the function, which has an alarm.
 */
export class WakeQueue extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      // AWS asks for six times the function's timeout. That is longer than a message is kept.
      visibilityTimeout: Duration.seconds(6 * collectorTimeoutSeconds),
      retentionPeriod: retention,
    });
    acknowledge(this.queue, 'SQS3', 'A missed idle poll is of no use; the next one follows in seconds.');
  }
}

/**
 * Each message invokes the collector once, alone, because that invocation may last to the end of its minute.
 *
 * Without a maximum concurrency: with one, Lambda polls the queue with five pollers at all times, without it falls to two
 * while little comes in, which costs less than half. Nor is one needed, because no more polls run at once than are asked
 * for: of each shard one that found a test and samples it, and with Locusts that hang (5 s for each answer) and
 * `idleSeconds=2` three more. The schedule invokes each shard once more, and while a window hands over, for a second or
 * two of each minute, once again. A poll that is throttled is dropped like any other that comes too late.
 */
export function invokeByQueue(scope: Construct, call: { collector: IFunction; queue: Queue }): void {
  new EventSourceMapping(scope, 'IdlePolls', {
    target: call.collector,
    eventSourceArn: call.queue.queueArn,
    batchSize: 1,
  });
}

import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

/** Delayed looks: messages that call the collector again within their minute. */
export class WakeQueue extends Construct {
  readonly queue: Queue;

  constructor(
    scope: Construct,
    id: string,
    props: { readonly functionTimeoutSeconds: number; readonly deadLetters: Queue },
  ) {
    super(scope, id);
    this.queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      // Six times the function's timeout is what AWS asks for.
      visibilityTimeout: Duration.seconds(6 * props.functionTimeoutSeconds),
      // A look is of use within its minute only. It is kept so long that one that failed reaches the dead letters.
      retentionPeriod: Duration.minutes(15),
      deadLetterQueue: { queue: props.deadLetters, maxReceiveCount: 1 },
    });
  }

  /** Each message calls the collector once, alone: it may go on to the end of its minute. */
  call(collector: IFunction): void {
    new EventSourceMapping(this, 'Source', {
      target: collector,
      eventSourceArn: this.queue.queueArn,
      batchSize: 1,
    });
  }
}

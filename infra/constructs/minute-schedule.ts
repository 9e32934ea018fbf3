import { Duration, TimeZone } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { ContextAttribute, Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

export interface MinuteScheduleProps {
  readonly collector: IFunction;
  readonly failedInvocations: Queue;
  readonly shard: number;
  readonly shards: number;
}

/**
 * Invokes the collector for one shard every minute. Scheduler promises the minute, not the second (12:00:00 to 12:00:59),
 * and both it and an asynchronous Lambda promise at least once: a window may begin late, or twice. Windows hand over, so
 * that neither loses a sample nor takes one twice.
 */
export class MinuteSchedule extends Construct {
  constructor(scope: Construct, id: string, { collector, failedInvocations, shard, shards }: MinuteScheduleProps) {
    super(scope, id);
    new Schedule(this, 'Schedule', {
      description: `locust2influx collector, shard ${shard} of ${shards}`,
      // Not a rate: a rate counts from the second of the deployment.
      schedule: ScheduleExpression.cron({ minute: '*', timeZone: TimeZone.ETC_UTC }),
      target: new LambdaInvoke(collector, {
        input: ScheduleTargetInput.fromObject({ scheduledTime: ContextAttribute.scheduledTime, shard, shards }),
        // An invocation that arrives after its minute has nothing left to do.
        retryAttempts: 0,
        maxEventAge: Duration.minutes(1),
        deadLetterQueue: failedInvocations,
      }),
    });
  }
}

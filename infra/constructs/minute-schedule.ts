import { Duration, TimeZone } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { ContextAttribute, Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

export interface MinuteScheduleProps {
  readonly collector: IFunction;
  readonly deadLetters: Queue;
  readonly shard: number;
  readonly shards: number;
}

/** Calls the collector for one share of the targets at the beginning of every minute, never twice for the same one. */
export class MinuteSchedule extends Construct {
  constructor(scope: Construct, id: string, { collector, deadLetters, shard, shards }: MinuteScheduleProps) {
    super(scope, id);
    new Schedule(this, 'Schedule', {
      description: `locust2influx collector, share ${shard} of ${shards}`,
      // Not a rate: that would count from the deployment's own second.
      schedule: ScheduleExpression.cron({ minute: '*', timeZone: TimeZone.ETC_UTC }),
      target: new LambdaInvoke(collector, {
        input: ScheduleTargetInput.fromObject({ scheduledTime: ContextAttribute.scheduledTime, shard, shards }),
        // A window that comes later than its minute has nothing left to do.
        retryAttempts: 0,
        maxEventAge: Duration.minutes(1),
        deadLetterQueue: deadLetters,
      }),
    });
  }
}

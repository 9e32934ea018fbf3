import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

/** What each alarm looks at: five minutes, so that one slow minute wakes nobody. */
export const alarmPeriod = Duration.minutes(5);

export interface RunbookAlarmProps {
  readonly topic: ITopic;
  /** Without the anchor. */
  readonly runbookUrl: string;
  /** The README's heading is `Alarm: <title>`. */
  readonly title: string;
  readonly meaning: string;
  /** Over `alarmPeriod`. */
  readonly metric: IMetric;
  /** Alarms from here on, or below here. */
  readonly threshold: { readonly atLeast: number } | { readonly below: number };
  /** Of how many periods in a row; default 1. */
  readonly periods?: number;
  /** Whether no data is as bad as too much; default: no data is good. */
  readonly alarmsWithoutData?: boolean;
}

/** An alarm that tells where it is written what to do. */
export function addRunbookAlarm(scope: Construct, id: string, props: RunbookAlarmProps): Alarm {
  const { threshold } = props;
  const anchor = `alarm-${props.title.toLowerCase().replaceAll(' ', '-')}`;
  const alarm = new Alarm(scope, id, {
    alarmDescription: `${props.meaning} What to do: ${props.runbookUrl}#${anchor}`,
    metric: props.metric,
    threshold: 'below' in threshold ? threshold.below : threshold.atLeast,
    comparisonOperator:
      'below' in threshold
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: props.periods ?? 1,
    treatMissingData: props.alarmsWithoutData === true ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
  });
  const tell = new SnsAction(props.topic);
  alarm.addAlarmAction(tell);
  alarm.addOkAction(tell);
  return alarm;
}

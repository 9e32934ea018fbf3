import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

export interface RunbookAlarmProps {
  readonly topic: ITopic;
  /** Where the README is, without the anchor; undefined: nobody has told. */
  readonly runbookUrl: string | undefined;
  /** The README's heading is `Alarm: <title>`. */
  readonly title: string;
  /** What has happened, in a sentence. */
  readonly meaning: string;
  /** What to do first, in a sentence: the mail has to do where the README is not at hand. */
  readonly first: string;
  readonly metric: IMetric;
  /** Alarms from here on, or below here. */
  readonly threshold: { readonly atLeast: number } | { readonly below: number };
  /** So many of the metric's periods have to be bad, all of them; default 1. */
  readonly periods?: number;
  /** Whether no data is as bad as too much; default: no data is good. */
  readonly alarmsWithoutData?: boolean;
}

/**
 * An alarm on one metric that says what it means and what to do first. It rests on no arithmetic: CloudWatch says what
 * a metric that was never sent counts as in an alarm, but not what an expression makes of it.
 */
export function addRunbookAlarm(scope: Construct, id: string, props: RunbookAlarmProps): Alarm {
  const { threshold } = props;
  const alarm = new Alarm(scope, id, {
    alarmDescription: `${props.meaning} First: ${props.first} More: ${whereMoreIs(props)}`,
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

function whereMoreIs({ runbookUrl, title }: RunbookAlarmProps): string {
  if (runbookUrl === undefined) return `"Alarm: ${title}" in the README of locust2influx.`;
  return `${runbookUrl}#alarm-${title.toLowerCase().replaceAll(' ', '-')}`;
}

import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

/** What an alarm watches, and what its mail says. */
export interface AlarmDefinition {
  /** The runbook's heading is `Alarm: <title>`. */
  readonly title: string;
  /** What has happened, in a sentence. */
  readonly meaning: string;
  /** What to do first, in a sentence: the mail has to be enough when the runbook is not at hand. */
  readonly first: string;
  readonly metric: IMetric;
  /** The alarm is raised from this value on, or below it. */
  readonly threshold: { readonly atLeast: number } | { readonly below: number };
  /** This many consecutive periods of the metric have to be bad; default 1. */
  readonly periods?: number;
  /** Whether missing data raises the alarm; default: missing data is good. */
  readonly alarmsWithoutData?: boolean;
}

export interface RunbookAlarmProps extends AlarmDefinition {
  readonly topic: ITopic;
  /** Where the runbook (README.md in this folder) is, without an anchor; undefined: alarms name the file. */
  readonly runbookUrl: string | undefined;
}

/**
 * Adds an alarm on one metric; its text says what it means and what to do first. No alarm uses a metric expression:
 * CloudWatch documents what an alarm makes of a metric that was never sent, but not what an expression makes of it.
 */
export function addRunbookAlarm(scope: Construct, id: string, props: RunbookAlarmProps): Alarm {
  const { threshold } = props;
  const alarm = new Alarm(scope, id, {
    alarmDescription: `${props.meaning} First: ${props.first} More: ${runbookReference(props)}`,
    metric: props.metric,
    threshold: 'below' in threshold ? threshold.below : threshold.atLeast,
    comparisonOperator:
      'below' in threshold
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: props.periods ?? 1,
    treatMissingData: props.alarmsWithoutData === true ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
  });
  const notify = new SnsAction(props.topic);
  alarm.addAlarmAction(notify);
  alarm.addOkAction(notify);
  return alarm;
}

function runbookReference({ runbookUrl, title }: RunbookAlarmProps): string {
  if (runbookUrl === undefined) return `"Alarm: ${title}" in infra/alarms/README.md of locust2influx.`;
  return `${runbookUrl}#alarm-${title.toLowerCase().replaceAll(' ', '-')}`;
}

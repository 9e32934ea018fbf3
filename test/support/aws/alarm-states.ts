import type { Template } from 'aws-cdk-lib/assertions';

/** What CloudWatch was sent: one value of one metric. */
export interface Datapoint {
  readonly metric: MetricName;
  readonly atMs: number;
  readonly value: number;
}

/** A metric as CloudWatch tells them apart. Dimensions are undefined where a template's are known only when deployed. */
export interface MetricName {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions?: Readonly<Record<string, string>>;
}

export interface AlarmProperties {
  readonly AlarmDescription: string;
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: unknown }[];
  readonly Statistic: 'Sum' | 'Maximum' | 'Average';
  readonly Period: number;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm?: number;
  readonly Threshold: number;
  readonly ComparisonOperator: 'LessThanThreshold' | 'GreaterThanOrEqualToThreshold';
  readonly TreatMissingData: 'breaching' | 'notBreaching';
}

export type AlarmState = 'ALARM' | 'OK';

/** What CloudWatch's documents leave open. What they do say must suffice, so every answer has to be the same. */
export interface Undocumented {
  /** So many more periods than it evaluates are read when some are empty. */
  readonly extraPeriods: number;
  /** Whether periods end at the time of evaluation, or at multiples of their own length. */
  readonly periodsEnd: 'now' | 'at multiples';
}

/** The alarms of a template, by id. @throws for one that watches an expression: nobody says what those do without data */
export function alarmsOf(template: Template): ReadonlyMap<string, AlarmProperties> {
  const found = Object.entries(template.findResources('AWS::CloudWatch::Alarm'));
  return new Map(
    found.map(([id, { Properties }]) => {
      const alarm = Properties as AlarmProperties & { readonly Metrics?: unknown };
      if (alarm.Metrics !== undefined) throw new Error(`${id} watches an expression`);
      return [id, alarm];
    }),
  );
}

/** The part of what CloudWatch was sent that an alarm reads. */
export function watchedBy(alarm: AlarmProperties, points: readonly Datapoint[]): readonly Datapoint[] {
  return points.filter(({ metric }) => isWatched(alarm, metric));
}

/**
 * The state of an alarm as CloudWatch's documents have it ("Configuring how CloudWatch alarms treat missing data"): the
 * latest periods that have data count, and as many as are missing then are taken for what `TreatMissingData` says.
 * @param watched what `watchedBy` gives
 */
export function stateOf(
  alarm: AlarmProperties,
  watched: readonly Datapoint[],
  at: Undocumented & { readonly nowMs: number },
): AlarmState {
  return evaluate(alarm, periodsOf(alarm, watched, at));
}

/** @param periods the values of the periods looked at, oldest first; undefined where there is no data */
export function evaluate(
  alarm: Pick<
    AlarmProperties,
    'EvaluationPeriods' | 'DatapointsToAlarm' | 'Threshold' | 'ComparisonOperator' | 'TreatMissingData'
  >,
  periods: readonly (number | undefined)[],
): AlarmState {
  const { EvaluationPeriods, DatapointsToAlarm = EvaluationPeriods, TreatMissingData } = alarm;
  const existing = periods.filter((value) => value !== undefined).slice(-EvaluationPeriods);
  const breaching = existing.filter((value) => breaches(alarm, value)).length;
  const missing = TreatMissingData === 'breaching' ? EvaluationPeriods - existing.length : 0;
  return breaching + missing >= DatapointsToAlarm ? 'ALARM' : 'OK';
}

function breaches(
  { ComparisonOperator, Threshold }: Pick<AlarmProperties, 'ComparisonOperator' | 'Threshold'>,
  value: number,
): boolean {
  return ComparisonOperator === 'LessThanThreshold' ? value < Threshold : value >= Threshold;
}

function periodsOf(
  alarm: AlarmProperties,
  watched: readonly Datapoint[],
  { nowMs, extraPeriods, periodsEnd }: Undocumented & { nowMs: number },
): readonly (number | undefined)[] {
  const periodMs = alarm.Period * 1000;
  const endAtMs = periodsEnd === 'now' ? nowMs : Math.floor(nowMs / periodMs) * periodMs;
  const count = alarm.EvaluationPeriods + extraPeriods;
  return Array.from({ length: count }, (_, index) => {
    const startAtMs = endAtMs - (count - index) * periodMs;
    const values = watched
      .filter(({ atMs }) => atMs >= startAtMs && atMs < startAtMs + periodMs)
      .map(({ value }) => value);
    if (values.length === 0) return undefined;
    const sum = values.reduce((so, value) => so + value, 0);
    if (alarm.Statistic === 'Maximum') return Math.max(...values);
    return alarm.Statistic === 'Sum' ? sum : sum / values.length;
  });
}

function isWatched({ Namespace, MetricName, Dimensions = [] }: AlarmProperties, metric: MetricName): boolean {
  if (metric.namespace !== Namespace || metric.name !== MetricName) return false;
  if (metric.dimensions === undefined) return true;
  const sorted = (entries: readonly (readonly [string, unknown])[]): string =>
    JSON.stringify(entries.toSorted(([a], [b]) => a.localeCompare(b)));
  return sorted(Object.entries(metric.dimensions)) === sorted(Dimensions.map(({ Name, Value }) => [Name, Value]));
}

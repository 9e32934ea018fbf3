import { Duration } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { collectorMetrics } from '../../lambda/collector/metric-names.ts';
import type { CollectorMetric } from '../../lambda/collector/metric-names.ts';

const { namespace, service } = collectorMetrics;

/** What most alarms look at: five minutes, so that one slow minute wakes nobody. */
export const alarmPeriod = Duration.minutes(5);
/** What an alarm looks at that waits for data to stay away. */
export const minute = Duration.minutes(1);

/** Of these the highest value counts; all others are summed up. */
const maxima: ReadonlySet<CollectorMetric> = new Set(['Targets', 'Lateness', 'WaitingAge']);

/** One metric of the collector's own over `alarmPeriod`. */
export function collectorMetric(name: CollectorMetric): Metric {
  const statistic = maxima.has(name) ? Stats.MAXIMUM : Stats.SUM;
  return new Metric({ namespace, dimensionsMap: { service }, metricName: name, statistic, period: alarmPeriod });
}

/** How many windows one of several shards had in a minute. */
export function windowsOfShard(shard: number): Metric {
  const dimensionsMap = { service, [collectorMetrics.shardDimension]: String(shard) };
  const metricName = collectorMetrics.windowsOfShard;
  return new Metric({ namespace, dimensionsMap, metricName, statistic: Stats.SUM, period: minute });
}

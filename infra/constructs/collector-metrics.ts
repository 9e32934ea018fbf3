import { Duration } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { collectorMetrics, statisticOf } from '../../lambda/windows/window-figures.ts';
import type { CollectorMetric } from '../../lambda/windows/window-figures.ts';

const { namespace } = collectorMetrics;

/** The period of most alarms: five minutes, so that one slow minute wakes nobody. */
export const alarmPeriod = Duration.minutes(5);
/** The period of alarms on missing data. */
export const minute = Duration.minutes(1);

/** What the logs and metrics of a deployment's collector say that they are of. */
export const collectorService = (deployment: string): string => `${deployment}-collector`;

/** The own metrics of one deployment's collector. */
export class CollectorMetrics {
  private readonly service: string;

  /** @param deployment its name */
  constructor(deployment: string) {
    this.service = collectorService(deployment);
  }

  /** One of them over `alarmPeriod`. */
  of(name: CollectorMetric): Metric {
    const statistic = statisticOf(name) === 'maximum' ? Stats.MAXIMUM : Stats.SUM;
    const dimensionsMap = { service: this.service };
    return new Metric({ namespace, dimensionsMap, metricName: name, statistic, period: alarmPeriod });
  }

  /** How many windows one of several shards had in a minute. */
  windowsOfShard(shard: number): Metric {
    const dimensionsMap = { service: this.service, [collectorMetrics.shardDimension]: String(shard) };
    const metricName = collectorMetrics.windowsOfShard;
    return new Metric({ namespace, dimensionsMap, metricName, statistic: Stats.SUM, period: minute });
  }
}

import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { collectorMetrics } from '../../lambda/collector/metric-names.ts';
import type { CollectorMetric } from '../../lambda/collector/metric-names.ts';
import { alarmPeriod } from './runbook-alarm.ts';

/** One metric of the collector's own over `alarmPeriod`: a sum, `Lateness` its maximum. */
export function collectorMetric(name: CollectorMetric): Metric {
  return new Metric({
    namespace: collectorMetrics.namespace,
    dimensionsMap: { service: collectorMetrics.service },
    metricName: name,
    statistic: name === 'Lateness' ? Stats.MAXIMUM : Stats.SUM,
    period: alarmPeriod,
  });
}

/** Several sums as one. A metric that is not there counts as 0. */
export function sumOf(label: string, names: readonly CollectorMetric[]): IMetric {
  const usingMetrics = Object.fromEntries(names.map((name, index) => [`m${index}`, collectorMetric(name)]));
  const expression = Object.keys(usingMetrics)
    .map((id) => `FILL(${id}, 0)`)
    .join(' + ');
  return new MathExpression({ expression, usingMetrics, label, period: alarmPeriod });
}

import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { alarmPeriod as period } from '../constructs/collector-metrics.ts';
import type { AlarmThresholds } from './alarm-thresholds.ts';
import type { AlarmDefinition } from './runbook-alarm.ts';

/** How long the CPU has to be busy: somebody who looks at a dashboard is no incident. */
const busyPeriods = 3;

/**
 * Whether a managed InfluxDB has room left. Names of metrics and dimension are those of AWS's guide to Timestream for
 * InfluxDB 2 ("Monitoring and configuration optimization"), the namespace is the one that the service's own role may write.
 * @param instanceName by which CloudWatch knows the instance
 */
export function influxAlarms(
  instanceName: string,
  thresholds: AlarmThresholds,
): Readonly<Record<string, AlarmDefinition>> {
  const metric = (metricName: string, statistic: string): Metric =>
    new Metric({
      ...{ namespace: 'AWS/Timestream/InfluxDB', dimensionsMap: { DbInstanceName: instanceName } },
      ...{ metricName, statistic, period },
    });
  return {
    InfluxDisk: {
      title: 'influxdb disk',
      meaning: `The disk of the managed InfluxDB is ${thresholds.InfluxDisk} % full; when it is full, InfluxDB takes no more lines.`,
      first:
        'lower influxRetentionDays, or give the instance more disk in the console (Timestream, InfluxDB databases).',
      metric: metric('DiskUtilization', Stats.MAXIMUM),
      threshold: { atLeast: thresholds.InfluxDisk },
    },
    InfluxCpu: {
      title: 'influxdb cpu',
      meaning: `The CPU of the managed InfluxDB has been ${thresholds.InfluxCpu} % busy for a quarter of an hour.`,
      first: 'look for dashboards over long times that refresh often; if there are none, the instance is too small.',
      metric: metric('CPUUtilization', Stats.AVERAGE),
      threshold: { atLeast: thresholds.InfluxCpu },
      periods: busyPeriods,
    },
  };
}

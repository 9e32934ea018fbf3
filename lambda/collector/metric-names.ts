/** Where the collector's metrics are found in CloudWatch: one definition for who writes them and who watches them. */
export const collectorMetrics = { namespace: 'locust2influx', service: 'locust2influx-collector' } as const;

/** Metrics of one window. All are sums over its time but `Lateness`, ms. A metric that would be 0 is not published. */
export type CollectorMetric =
  | 'Targets'
  | 'UnfitTargets'
  | 'Looks'
  | 'Samples'
  | 'SamplesFailed'
  | 'PointsDelivered'
  | 'PointsRejected'
  | 'PointsWaiting'
  | 'Skipped'
  | 'Missed'
  | 'PlatformFailures'
  | 'Failures'
  | 'Lateness';

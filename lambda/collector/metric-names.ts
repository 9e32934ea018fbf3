/** Where the collector's metrics are found in CloudWatch: one definition for who writes them and who watches them. */
export const collectorMetrics = {
  namespace: 'locust2influx',
  service: 'locust2influx-collector',
  /** Counts the windows of one shard, where there are several: each has a schedule that may fail by itself. */
  windowsOfShard: 'Windows',
  shardDimension: 'shard',
} as const;

/**
 * Metrics of one window. All are sums over its time but `Lateness`, ms, and `WaitingAge`, the seconds for which the
 * oldest line has been waiting. A metric that would be 0 is not published, but for `Targets`.
 */
export type CollectorMetric =
  | 'Targets'
  | 'UnfitTargets'
  | 'Looks'
  | 'Samples'
  | 'SamplesFailed'
  | 'PointsDelivered'
  | 'PointsReplayed'
  | 'PointsRejected'
  | 'PointsWaiting'
  | 'PointsLost'
  | 'DeniedDeliveries'
  | 'WaitingAge'
  | 'Skipped'
  | 'Missed'
  | 'PlatformFailures'
  | 'Failures'
  | 'Lateness';

import type { CollectorMetrics } from '../constructs/collector-metrics.ts';
import type { AlarmThresholds } from './alarm-thresholds.ts';
import type { AlarmDefinition } from './runbook-alarm.ts';

/** What windows report about the platform. Each alarm watches one metric of telemetry.ts. */
export function windowAlarms(
  metrics: CollectorMetrics,
  thresholds: AlarmThresholds,
): Readonly<Record<string, AlarmDefinition>> {
  return {
    Missed: {
      title: 'instants missed',
      meaning: 'Targets were due, but the collector did not get to them: it began late or not at all, or is too busy.',
      first:
        'look at missedAtStart in its log lines: as high as missed, windows were late or killed, see the runbook; lower, it is too busy: double memoryMb, then shards.',
      metric: metrics.of('Missed'),
      threshold: { atLeast: thresholds.Missed },
    },
    PlatformFailures: {
      title: 'platform failures',
      meaning: 'DynamoDB, SQS, S3 or a store of secrets failed the collector again and again.',
      first: 'read the lines that begin with failed in the log of the collector; the output FollowLogs is the command.',
      metric: metrics.of('PlatformFailures'),
      threshold: { atLeast: thresholds.PlatformFailures },
      periods: 2,
    },
    UnfitTargets: {
      title: 'invalid targets',
      meaning: 'Items in the table Targets are not valid targets and are left out.',
      first: 'find their names in the log of the collector, and save them again through the API.',
      metric: metrics.of('UnfitTargets'),
      threshold: { atLeast: thresholds.UnfitTargets },
    },
  };
}

/** What windows report about lines and InfluxDB. */
export function lineAlarms(
  metrics: CollectorMetrics,
  thresholds: AlarmThresholds,
): Readonly<Record<string, AlarmDefinition>> {
  return {
    LinesWaiting: {
      title: 'lines waiting',
      meaning: `Lines have been waiting for InfluxDB for more than ${waiting(thresholds)}; they are safe in the bucket.`,
      first: 'check that InfluxDB is up; the lines are delivered as soon as it takes them.',
      metric: metrics.of('WaitingAge'),
      threshold: { atLeast: thresholds.LinesWaiting },
    },
    LinesRejected: {
      title: 'lines rejected',
      meaning:
        'InfluxDB rejected single lines for good, or an object that waited for it cannot be read, which counts as one line; they are dead letters, kept for 30 days.',
      first: 'read the reasons on the page or at GET /v1/dead-letters, fix the cause, then replay or drop them.',
      metric: metrics.of('PointsRejected'),
      threshold: { atLeast: thresholds.LinesRejected },
    },
    LinesLost: {
      title: 'lines lost',
      meaning: 'Neither InfluxDB nor the bucket took some lines, and they are gone.',
      first: 'read in the log of the collector why the bucket refused them: a changed role or policy, or S3 itself.',
      metric: metrics.of('PointsLost'),
      threshold: { atLeast: 1 },
    },
    DeliveriesDenied: {
      title: 'deliveries denied',
      meaning: 'InfluxDB answered 401, 403 or 404: its token or bucket needs fixing, and lines wait meanwhile.',
      first: 'check that the bucket exists and that the token may write it; if not, put a new token into its secret.',
      metric: metrics.of('DeniedDeliveries'),
      threshold: { atLeast: thresholds.DeliveriesDenied },
    },
  };
}

const waiting = ({ LinesWaiting: seconds }: AlarmThresholds): string =>
  seconds === 60 ? 'a minute' : `${seconds} seconds`;

import { collectorMetric } from './collector-metrics.ts';
import type { RunbookAlarmProps } from './runbook-alarm.ts';

export type AlarmDefinition = Omit<RunbookAlarmProps, 'topic' | 'runbookUrl'>;

/** Lines are sent again after ten seconds: what waits longer than a minute waits for somebody. */
const longWaitSeconds = 60;

/** What windows say of the targets and of the collector's own surroundings. Each watches one metric of telemetry.ts. */
export const windowAlarms: Readonly<Record<string, AlarmDefinition>> = {
  Missed: {
    title: 'instants missed',
    meaning: 'Targets were due and the collector did not get round to them: it is too small, or began late.',
    first: 'double memoryMb, then shards.',
    metric: collectorMetric('Missed'),
    // As many as a single target has in five minutes that is sampled every 60 s.
    threshold: { atLeast: 5 },
  },
  Skipped: {
    title: 'instants skipped',
    meaning: 'Locusts were still answering when they were due again.',
    first: "raise the sampleSeconds of the targets that the page shows as slow, and look at their machines' CPU.",
    metric: collectorMetric('Skipped'),
    threshold: { atLeast: 10 },
  },
  SamplesFailing: {
    title: 'samples failing',
    meaning: 'Locusts do not answer while their tests run.',
    first: 'look at the page for the targets that fail, and for the reason.',
    metric: collectorMetric('SamplesFailed'),
    // A target that is sampled every 60 s has five before its run is lost, three of them in one period.
    threshold: { atLeast: 3 },
  },
  PlatformFailures: {
    title: 'platform failures',
    meaning: 'DynamoDB, SQS, S3 or the secrets failed the collector again and again.',
    first: "read the lines that begin with failed in the collector's log: the command is the output FollowLogs.",
    metric: collectorMetric('PlatformFailures'),
    threshold: { atLeast: 1 },
    periods: 2,
  },
  UnfitTargets: {
    title: 'unfit targets',
    meaning: 'Items of the table Targets are no targets, and are left out.',
    first: "look for their names in the collector's log, and save them anew through the API.",
    metric: collectorMetric('UnfitTargets'),
    threshold: { atLeast: 1 },
  },
};

/** What windows say of lines and InfluxDB. */
export const lineAlarms: Readonly<Record<string, AlarmDefinition>> = {
  LinesWaiting: {
    title: 'lines waiting',
    meaning: 'Lines have been waiting for InfluxDB for more than a minute; they are safe in the bucket.',
    first: 'see whether InfluxDB is up; they are delivered by themselves once it takes them.',
    metric: collectorMetric('WaitingAge'),
    threshold: { atLeast: longWaitSeconds },
  },
  LinesRejected: {
    title: 'lines rejected',
    meaning:
      'InfluxDB refused single lines for good, or an object that waited for it cannot be read, which counts as one line; they are dead letters, kept for 30 days.',
    first: 'read the reasons at GET /v1/dead-letters, mend their cause, then replay or drop them.',
    metric: collectorMetric('PointsRejected'),
    threshold: { atLeast: 1 },
  },
  LinesLost: {
    title: 'lines lost',
    meaning: 'Neither InfluxDB nor the bucket took lines, and they are gone.',
    first: "read why the bucket refused them in the collector's log: a changed role or policy, or S3 itself.",
    metric: collectorMetric('PointsLost'),
    threshold: { atLeast: 1 },
  },
  DeliveriesDenied: {
    title: 'deliveries denied',
    meaning: 'InfluxDB answered 401, 403 or 404: the token or the bucket has to be mended; lines wait meanwhile.',
    first: 'see whether the bucket is there and the token may write it; put a new one into its secret.',
    metric: collectorMetric('DeniedDeliveries'),
    threshold: { atLeast: 1 },
  },
};

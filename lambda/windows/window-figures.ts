/** Where the collector's metrics are found in CloudWatch: one definition for who writes them and who watches them. */
export const collectorMetrics = {
  namespace: 'locust2influx',
  /** The dimension `service` tells the deployments of one account apart; this is that of one with the default name. */
  defaultService: 'locust2influx-collector',
  /** Counts the windows of one shard, where there are several: each has a schedule that may fail by itself. */
  windowsOfShard: 'Windows',
  shardDimension: 'shard',
} as const;

/** Where one figure of a window is shown, and how figures of many windows become one. */
interface FigurePlaces {
  /** The field of the window's point in InfluxDB. */
  readonly field?: string;
  /** The metric in CloudWatch. */
  readonly metric?: string;
  readonly unit: 'Count' | 'Milliseconds';
  /** Of many windows: their sum, or the highest. */
  readonly statistic: 'sum' | 'maximum';
  /** It is part of the shard's record, which `/v1/health` shows. */
  readonly isKept?: boolean;
  /** Its metric is published from this value on; default above 0. Each metric costs by the hour in which it is published. */
  readonly publishedFrom?: number;
}

const sum = { unit: 'Count', statistic: 'sum' } as const;
const longest = { unit: 'Milliseconds', statistic: 'maximum' } as const;

/**
 * What a window counts, each figure described once: the window's summary and log line, its point, its metrics and its
 * record follow from here. Fields stand in the point in this order.
 */
const windowFigures = {
  /** Enabled targets of this share that are fetched. */
  targets: {
    field: 'targets',
    metric: 'Targets',
    unit: 'Count',
    statistic: 'maximum',
    isKept: true,
    // So that one metric is always there.
    publishedFrom: 0,
  },
  /** Items of the table that are no targets, left out. */
  unfitTargets: { metric: 'UnfitTargets', ...sum },
  /** Good scrapes of targets that are in no run. */
  looks: { field: 'looks', metric: 'Looks', ...sum },
  /** Scrapes made during runs, failed ones too. */
  samples: { field: 'samples', metric: 'Samples', ...sum, isKept: true },
  /** Of the samples, those that brought no report. */
  samplesFailed: { field: 'samples_failed', metric: 'SamplesFailed', ...sum, isKept: true },
  /** Instants at which a target was still answering the one before. */
  skipped: { field: 'skipped', metric: 'Skipped', ...sum },
  /** Instants of a target at which nobody scraped it. */
  missed: { field: 'missed', metric: 'Missed', ...sum, isKept: true },
  /** Of those missed, the ones that were over when the window began: it began late, or the one before was killed. */
  missedAtStart: { field: 'missed_at_start', metric: 'MissedAtStart', ...sum },
  /** Times that DynamoDB, the queue, the spool or the secrets failed the window; collection went on. */
  platformFailures: { field: 'platform_failures', metric: 'PlatformFailures', ...sum, isKept: true },
  /** Lines that InfluxDB took. */
  pointsDelivered: { field: 'points_delivered', metric: 'PointsDelivered', ...sum, isKept: true },
  /** Lines out of the spool that InfluxDB took. */
  pointsReplayed: { field: 'points_replayed', metric: 'PointsReplayed', ...sum },
  /** Lines that InfluxDB could not take now; they are in the spool. */
  pointsWaiting: { field: 'points_waiting', metric: 'PointsWaiting', ...sum, isKept: true },
  /** Lines that InfluxDB refused for good; they are among the dead letters. */
  pointsRejected: { field: 'points_rejected', metric: 'PointsRejected', ...sum, isKept: true },
  /** Of the lines that InfluxDB took, and of those that it refused for good, the ones that are a sample's total. */
  totalsDelivered: { ...sum, isKept: true },
  totalsRejected: { ...sum, isKept: true },
  /** Lines that could neither be delivered nor kept. */
  pointsLost: { field: 'points_lost', metric: 'PointsLost', ...sum, isKept: true },
  /** Deliveries that InfluxDB answered with 401, 403 or 404: a token or a bucket to mend. */
  deniedDeliveries: { field: 'denied_deliveries', metric: 'DeniedDeliveries', ...sum },
  /** Rows of Locust's answers that were no rows. */
  badRows: { ...sum },
  /** The longest time from an instant to its fetch, ms. */
  latenessMs: { field: 'lateness', metric: 'Lateness', ...longest, publishedFrom: 1_000 },
  /** How long after the instant that it was scheduled for the window began, ms. */
  startLatenessMs: { field: 'start_lateness', metric: 'StartLateness', ...longest, publishedFrom: 1_000 },
} as const satisfies Record<string, FigurePlaces>;

type WindowFigures = typeof windowFigures;
export type WindowFigure = keyof WindowFigures;

/** One number for each figure. */
export type WindowCounts = Record<WindowFigure, number>;

/** All figures with where they are shown, in order. */
export const figureList: readonly (readonly [WindowFigure, FigurePlaces])[] = Object.entries(windowFigures) as [
  WindowFigure,
  FigurePlaces,
][];

type KeptFigure = {
  [Name in WindowFigure]: WindowFigures[Name] extends { readonly isKept: true } ? Name : never;
}[WindowFigure];

/** The figures of a window's record. */
export const keptFigures = figureList.flatMap(([name, { isKept }]) => (isKept === true ? [name] : [])) as KeptFigure[];

/** Metrics that are not one figure of the window: failed scrapes, of all kinds together, and the spool's oldest line. */
const furtherMetrics = { Failures: 'sum', WaitingAge: 'maximum' } as const;

/**
 * Metrics of one window. All are sums over its time but `Targets`, `Lateness` and `StartLateness`, ms, and `WaitingAge`, the seconds for
 * which the oldest line has been waiting. A metric that would be 0 is not published, but for
 * `Targets`; `Lateness` and `StartLateness` are from a second on.
 */
export type CollectorMetric =
  Extract<WindowFigures[WindowFigure], { readonly metric: string }>['metric'] | keyof typeof furtherMetrics;

/** How the values of many windows become one. */
export function statisticOf(metric: CollectorMetric): 'sum' | 'maximum' {
  const figure = figureList.find(([, places]) => places.metric === metric);
  return figure?.[1].statistic ?? furtherMetrics[metric as keyof typeof furtherMetrics];
}

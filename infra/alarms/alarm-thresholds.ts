/**
 * From which value on an alarm is raised, by the alarm's id, unless the setting `alarmThresholds` says otherwise: all in
 * one period of five minutes. What is not here has no threshold that somebody may want to move: a collector that does not
 * run, and lines that are gone.
 */
export const defaultThresholds = {
  /** Invocations that ended with an error. */
  Errors: 1,
  /** Throttled calls. Lambda repeats an invocation about five times before it drops it, a minute later. */
  Throttled: 5,
  /** Instants; as many as a single target has in five minutes that is sampled every 60 s. */
  Missed: 5,
  /** Times that the platform failed a window, in each of two periods in a row. */
  PlatformFailures: 1,
  /** Items of the table that are no targets. */
  UnfitTargets: 1,
  /** Seconds for which the oldest line has been waiting: lines are sent again after ten, so somebody has to act. */
  LinesWaiting: 60,
  /** Lines. */
  LinesRejected: 1,
  /** Deliveries that InfluxDB answered with 401, 403 or 404. */
  DeliveriesDenied: 1,
  /** Of a managed InfluxDB: percent of its disk, and of its CPU in three periods in a row. */
  InfluxDisk: 80,
  InfluxCpu: 90,
  /** Answers with 5xx. */
  AdminFailing: 1,
  /** Instants at which a Locust was still answering the one before. */
  Skipped: 10,
  /** Failed samples: a target that is sampled every 60 s has five before its run is lost, three of them in one period. */
  SamplesFailing: 3,
} as const;

/** The id of an alarm with a threshold that may be set. */
export type AlarmWithThreshold = keyof typeof defaultThresholds;

export type AlarmThresholds = Readonly<Record<AlarmWithThreshold, number>>;

export const alarmsWithThreshold = Object.keys(defaultThresholds) as readonly AlarmWithThreshold[];

/** Those that are percentages. */
export const percentThresholds: readonly AlarmWithThreshold[] = ['InfluxDisk', 'InfluxCpu'];

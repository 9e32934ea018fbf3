/** A percentile's value. `label` is the percentile times 100, a dot written as `_`: 0.95 → `95`, 0.999 → `99_9`. */
export interface Percentile {
  readonly label: string;
  /** ms; undefined when nothing finished in the percentile's window. */
  readonly value: number | undefined;
}

/**
 * The figures of one row of `stats[]`, under Locust's names. Times in ms, sizes in bytes, rates per second.
 * What Locust did not send, or sent as null, NaN or Infinity, is undefined.
 */
export interface RowFigures {
  readonly numRequests: number | undefined;
  readonly numFailures: number | undefined;
  readonly avgResponseTime: number | undefined;
  readonly minResponseTime: number | undefined;
  readonly maxResponseTime: number | undefined;
  readonly medianResponseTime: number | undefined;
  readonly avgContentLength: number | undefined;
  readonly currentRps: number | undefined;
  readonly currentFailPerSec: number | undefined;
  /** Over the whole run. */
  readonly percentiles: readonly Percentile[];
}

/** One endpoint: a row of `stats[]` other than the total. */
export interface EndpointRow extends RowFigures {
  /** Empty where Locust sent null or nothing. */
  readonly method: string;
  readonly name: string;
}

/** One row of `errors[]`. */
export interface ErrorRow {
  readonly method: string;
  readonly name: string;
  /** The error text as Locust's user code made it, HTML unescaped. */
  readonly error: string;
  readonly occurrences: number | undefined;
}

/** One worker (slave, before Locust 1.0). */
export interface WorkerRow {
  readonly id: string;
  readonly state: string | undefined;
  readonly userCount: number | undefined;
  /** Percent of one core. */
  readonly cpuUsage: number | undefined;
  /** Bytes. */
  readonly memoryUsage: number | undefined;
}

/** What one answer of `/stats/requests` says, whatever the release that sent it. */
export interface Report {
  /** `ready`, `spawning` (also for `hatching`), `running`, `cleanup`, `stopping`, `stopped`, `missing`, or what a newer Locust says. */
  readonly state: string;
  readonly userCount: number | undefined;
  /** The total row; its counters are undefined where Locust cut it off (0.8 to 0.12.1 beyond 500 rows). */
  readonly total: RowFigures;
  /** Failures by requests of the whole test, 0 to 1. */
  readonly failRatio: number | undefined;
  /** Over Locust's last ten seconds. */
  readonly currentPercentiles: readonly Percentile[];
  readonly endpoints: readonly EndpointRow[];
  readonly errors: readonly ErrorRow[];
  /** Undefined where Locust is no master. */
  readonly workers: readonly WorkerRow[] | undefined;
  /** Masters only; missing workers are not counted where Locust says so itself (2.37.2 and later). */
  readonly workerCount: number | undefined;
  /** True when Locust's own cut at 500 rows was reached. */
  readonly truncated: boolean;
  /** Rows of any list that were no rows and were left out. */
  readonly badRows: number;
}

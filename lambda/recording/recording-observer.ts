import type { Failure } from '../locust/failure.ts';
import type { Report } from '../locust/report/report.ts';
import type { Run } from '../runs/run.ts';

/** One scrape of a target in a run: read from it, or reported by it. */
export interface RunScrape {
  readonly target: string;
  /** The run's id. */
  readonly run: string;
  readonly atMs: number;
  readonly report: Report | undefined;
  readonly failure: Failure | undefined;
  /** Lines made of it. */
  readonly points: number;
}

/** A target whose state or whose failure is another than at the last scrape. */
export interface TargetChange {
  readonly target: string;
  readonly atMs: number;
  readonly stateBefore: string | undefined;
  /** Undefined as long as the target never answered. */
  readonly state: string | undefined;
  readonly failure: Failure | undefined;
  /** The scrape before failed. */
  readonly failedBefore: boolean;
  /** Of a run that goes on though the scrape failed: since its last sample, until it counts as ended, ms. */
  readonly noAnswer?: { readonly sinceAtMs: number; readonly endsAtMs: number } | undefined;
  /** The run under way. */
  readonly run: Run | undefined;
  readonly runStarted: Run | undefined;
  readonly runEnded: Run | undefined;
  /** What a person should know of it besides, one sentence or two each. */
  readonly remarks?: readonly string[] | undefined;
}

/** A run that has ended has other last figures than were seen at its end: some came in late. */
export interface SettledEnd {
  readonly target: string;
  readonly run: Run;
}

/** Something besides targets and InfluxDB failed; recording goes on as far as it can. */
export interface PlatformProblem {
  readonly doing: string;
  readonly error: unknown;
}

/** Who wants to know what scrapes do to their targets. */
export interface RecordingObserver {
  sampled?(scrape: RunScrape): void;
  changed?(change: TargetChange): void;
  settled?(end: SettledEnd): void;
  platformFailed?(problem: PlatformProblem): void;
}

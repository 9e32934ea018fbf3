import type { Failure } from '../locust/failure.ts';
import type { Report } from '../locust/report.ts';
import type { Run } from '../runs/run.ts';

/** One sample of a target in a run: read from it, or reported by it. */
export interface SampleSeen {
  readonly target: string;
  readonly atMs: number;
  readonly report: Report | undefined;
  readonly failure: Failure | undefined;
  /** Lines made of it. */
  readonly points: number;
}

/** A target whose state or whose failure is another than at the last look. */
export interface TargetChange {
  readonly target: string;
  readonly atMs: number;
  readonly stateBefore: string | undefined;
  /** Undefined as long as the target never answered. */
  readonly state: string | undefined;
  readonly failure: Failure | undefined;
  /** The last attempt failed. */
  readonly failedBefore: boolean;
  /** The run under way. */
  readonly run: Run | undefined;
  readonly runStarted: Run | undefined;
  readonly runEnded: Run | undefined;
}

/** Something besides targets and InfluxDB failed; recording goes on as far as it can. */
export interface PlatformProblem {
  readonly doing: string;
  readonly error: unknown;
}

/** Who wants to know what samples do to their targets. */
export interface RecordingObserver {
  sampled?(sample: SampleSeen): void;
  changed?(change: TargetChange): void;
  platformFailed?(problem: PlatformProblem): void;
}

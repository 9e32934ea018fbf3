import type { Failure } from '../locust/failure.ts';
import type { Report } from '../locust/report.ts';
import type { Run } from '../runs/run.ts';
import type { WindowSummary } from './summary.ts';

/** One attempt to read a target, made during a run. */
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

/** Lines that InfluxDB did not take. */
export interface DeliveryProblem {
  readonly outcome: 'rejected' | 'retryable' | 'too-large';
  readonly lines: number;
  readonly status: number | undefined;
  readonly reason: string | undefined;
}

/** Something besides targets and InfluxDB failed; collection goes on as far as it can. */
export interface PlatformProblem {
  readonly doing: string;
  readonly error: unknown;
}

/** Who wants to know what the collector sees: logs and metrics on AWS, the terminal on one machine. */
export interface Observer {
  sampled?(sample: SampleSeen): void;
  changed?(change: TargetChange): void;
  unfit?(target: { readonly id: string; readonly problem: string }): void;
  notDelivered?(problem: DeliveryProblem): void;
  /** Lines that could neither be delivered nor kept. */
  pointsLost?(lines: number): void;
  platformFailed?(problem: PlatformProblem): void;
  windowEnded?(summary: WindowSummary): void;
}

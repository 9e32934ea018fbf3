import type { RecordingObserver } from '../../recording/recording-observer.ts';
import type { WindowSummary } from './summary.ts';

/** Lines that InfluxDB did not take. */
export interface DeliveryProblem {
  readonly outcome: 'rejected' | 'retryable' | 'too-large';
  readonly lines: number;
  readonly status: number | undefined;
  readonly reason: string | undefined;
  /** InfluxDB's certificate, or its TLS, is not as it has to be. */
  readonly isTlsTrouble?: boolean;
}

/** Who wants to know what the collector sees: logs and metrics on AWS, the terminal on one machine. */
export interface Observer extends RecordingObserver {
  invalidItem?(target: { readonly id: string; readonly problem: string }): void;
  notDelivered?(problem: DeliveryProblem): void;
  /** Lines that could neither be delivered nor kept. */
  pointsLost?(lines: number): void;
  windowEnded?(summary: WindowSummary): void;
}

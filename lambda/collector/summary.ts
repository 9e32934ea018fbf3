import type { WaitingTotals } from '../influx/spool.ts';
import type { FailureKind } from '../locust/failure.ts';

/** How a window came to its end. */
export type WindowEnd =
  /** Nothing ran: it asked to be woken for the rest, or had nothing left to look for. */
  | 'idle'
  /** It sampled to the end of its minute. */
  | 'complete'
  /** A look, while another window was sampling. */
  | 'already-sampled'
  /** Its minute was over before it began. */
  | 'too-late'
  /** Its minute is yet to come. */
  | 'too-early'
  /** It was told to stop. */
  | 'stopped';

/** What one window did: its return value and its log line. */
export interface WindowSummary {
  end: WindowEnd;
  shard: number;
  shards: number;
  /** Enabled targets of this share that are fetched. */
  targets: number;
  /** Items of the table that are no targets, left out. */
  unfitTargets: number;
  /** Answers read from targets that are in no run. */
  looks: number;
  /** Attempts made during runs, failed ones too. */
  samples: number;
  /** Of the samples, those that brought no report. */
  samplesFailed: number;
  /** Lines that InfluxDB took. */
  pointsDelivered: number;
  /** Lines that InfluxDB refused for good; they are among the dead letters. */
  pointsRejected: number;
  /** Lines that InfluxDB could not take now; they are in the spool. */
  pointsWaiting: number;
  /** Lines out of the spool that InfluxDB took. */
  pointsReplayed: number;
  /** Lines that could neither be delivered nor kept. */
  pointsLost: number;
  /** Deliveries that InfluxDB answered with 401, 403 or 404: a token or a bucket to mend. */
  deniedDeliveries: number;
  /** What waits in the spool, where this window looked. */
  waiting?: WaitingTotals;
  failures: Partial<Record<FailureKind, number>>;
  /** Instants at which a target was still answering the one before. */
  skipped: number;
  /** Instants of a target that passed while the window was busy. */
  missed: number;
  /** Rows of Locust's answers that were no rows. */
  badRows: number;
  /** Times that DynamoDB, the queue or the secrets failed the window; collection went on. */
  platformFailures: number;
  /** The longest time from an instant to its fetch, ms. */
  latenessMs: number;
}

export function emptySummary(share: { shard: number; shards: number }): WindowSummary {
  return {
    end: 'complete',
    shard: share.shard,
    shards: share.shards,
    targets: 0,
    unfitTargets: 0,
    looks: 0,
    samples: 0,
    samplesFailed: 0,
    pointsDelivered: 0,
    pointsRejected: 0,
    pointsWaiting: 0,
    pointsReplayed: 0,
    pointsLost: 0,
    deniedDeliveries: 0,
    failures: {},
    skipped: 0,
    missed: 0,
    badRows: 0,
    platformFailures: 0,
    latenessMs: 0,
  };
}

export function countFailure(summary: WindowSummary, kind: FailureKind): void {
  summary.failures[kind] = (summary.failures[kind] ?? 0) + 1;
}

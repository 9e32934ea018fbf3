import { floatField, integerField } from './point.ts';
import type { WaitingTotals } from './spool.ts';

/** How one window of the collector went. Points are lines here: those of the targets, this one is not among them. */
export interface WindowFigures {
  /** Which share of the targets it was for: windows of several shares are scheduled at the same instant. */
  readonly shard: number;
  /** The instant that the window was scheduled for, whole ms since the epoch. */
  readonly instantMs: number;
  /** Enabled targets of the share. */
  readonly targets: number;
  /** Answers read from targets that are in no run. */
  readonly looks: number;
  /** Attempts made during runs, failed ones too. */
  readonly samples: number;
  readonly samplesFailed: number;
  /** Instants at which a target was still answering the one before. */
  readonly skipped: number;
  /** Instants of a target that passed while the window was busy. */
  readonly missed: number;
  /** Times that tables, queue, secrets or spool failed. */
  readonly platformFailures: number;
  readonly pointsDelivered: number;
  readonly pointsReplayed: number;
  readonly pointsWaiting: number;
  readonly pointsRejected: number;
  readonly pointsLost: number;
  /** Deliveries for which a token or a bucket has to be mended. */
  readonly deniedDeliveries: number;
  /** The longest time from an instant to its fetch, ms. */
  readonly latenessMs: number;
  /** What lies in the spool, where the window looked. */
  readonly waiting?: WaitingTotals | undefined;
}

/**
 * A window's own line, of the measurement `locust2influx_window`. Its series has nothing in common with those of targets,
 * so their tags cannot meet it. The same window told twice overwrites itself.
 */
export function windowLine(figures: WindowFigures): string {
  const { shard, instantMs, waiting } = figures;
  const fields =
    integerField('targets', figures.targets) +
    integerField('looks', figures.looks) +
    integerField('samples', figures.samples) +
    integerField('samples_failed', figures.samplesFailed) +
    integerField('skipped', figures.skipped) +
    integerField('missed', figures.missed) +
    integerField('platform_failures', figures.platformFailures) +
    integerField('points_delivered', figures.pointsDelivered) +
    integerField('points_replayed', figures.pointsReplayed) +
    integerField('points_waiting', figures.pointsWaiting) +
    integerField('points_rejected', figures.pointsRejected) +
    integerField('points_lost', figures.pointsLost) +
    integerField('denied_deliveries', figures.deniedDeliveries) +
    floatField('lateness', figures.latenessMs) +
    (waiting === undefined ? '' : waitingFields(waiting));
  return `locust2influx_window,shard=${shard} ${fields.slice(1)} ${instantMs}`;
}

function waitingFields({ entries, bytes, ageSeconds }: WaitingTotals): string {
  return (
    integerField('waiting_entries', entries) +
    integerField('waiting_bytes', bytes) +
    floatField('waiting_age', ageSeconds * 1000)
  );
}

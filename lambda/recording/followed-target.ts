import type { Target, TargetStatus } from '../registry/target.ts';
import { runStartOf } from '../runs/run.ts';
import type { Run } from '../runs/run.ts';
import { noFigures } from '../locust/rows.ts';

/** A target with its run and its status, as far as whoever records its samples knows them. */
export interface FollowedTarget {
  readonly target: Target;
  /** The run under way. */
  run: Run | undefined;
  /** The status that stands in the table, as far as is known. */
  stored: TargetStatus | undefined;
  /** The status after the last attempt, which may not be in the table yet. */
  latest: TargetStatus | undefined;
  /** The run's record was read: what is known of the run is all there is, and may be put over the record. */
  isRecordKnown: boolean;
  /** The target was deleted meanwhile. */
  isGone: boolean;
}

/**
 * @param records the records of the runs under way by target; undefined when they could not be read
 * @param nowMs the present instant
 */
export function followedTarget(
  target: Target,
  records: ReadonlyMap<string, Run> | undefined,
  nowMs: number,
): FollowedTarget {
  return {
    target,
    run: runUnderWay(target, records?.get(target.id), nowMs),
    stored: target.status,
    latest: target.status,
    isRecordKnown: records !== undefined || target.status?.run === undefined,
    isGone: false,
  };
}

/** A record that says the run has ended is right, though the status still names it: its write failed. */
function runUnderWay({ status }: Target, record: Run | undefined, nowMs: number): Run | undefined {
  if (status?.run === undefined || record?.ended !== undefined) return undefined;
  if (record !== undefined) return record;
  // A failing target last answered before its failure began.
  const lastGoodAt = status.error === undefined ? status.checkedAt : status.since;
  return runFromId(status.run, Math.min(nowMs, Date.parse(lastGoodAt)));
}

/** A run of which only the id is known, as when its record could not be written: it goes on from there. */
export function runFromId(id: string, lastGoodAtMs: number): Run {
  const startMs = runStartOf(id);
  return {
    id,
    startedAtMs: Number.isNaN(startMs) ? lastGoodAtMs : startMs,
    lastGoodAtMs,
    lastState: 'running',
    total: noFigures,
    peakUsers: 0,
    timeline: [],
  };
}

import type { Target, TargetStatus } from '../registry/target.ts';
import { runStartOf } from '../runs/run.ts';
import type { Run } from '../runs/run.ts';
import { noFigures } from '../locust/rows.ts';

/** A target as one window knows it. */
export interface WatchedTarget {
  readonly target: Target;
  /** The run under way. */
  run: Run | undefined;
  /** The status that stands in the table, as far as this window knows. */
  stored: TargetStatus | undefined;
  /** The status after the last attempt, which may not be in the table yet. */
  latest: TargetStatus | undefined;
  /** An attempt has not come back yet. */
  isAnswering: boolean;
  /** A look between two instants saw a test: the next instant samples it. */
  sawStart: boolean;
  /** The run's record was read: what is known of the run is all there is, and may be put over the record. */
  isRecordKnown: boolean;
  /** The target was deleted while the window ran. */
  isGone: boolean;
}

/** @param run the record of the run that the target's status names, where it could be read */
export function watch(target: Target, run: Run | undefined, nowMs: number): WatchedTarget {
  const runId = target.status?.run;
  return {
    target,
    run: run ?? (runId === undefined ? undefined : runFromId(runId, nowMs)),
    stored: target.status,
    latest: target.status,
    isAnswering: false,
    sawStart: false,
    isRecordKnown: run !== undefined || runId === undefined,
    isGone: false,
  };
}

/** A run of which only the id is known, as when its record could not be written: it goes on from there. */
export function runFromId(id: string, nowMs: number): Run {
  const startMs = runStartOf(id);
  return {
    id,
    startedAtMs: Number.isNaN(startMs) ? nowMs : startMs,
    lastGoodAtMs: nowMs,
    lastState: 'running',
    total: noFigures,
    peakUsers: 0,
    timeline: [],
  };
}

/** True while the window has to stay for this target. */
export function needsWindow(watched: WatchedTarget): boolean {
  return !watched.isGone && (watched.run !== undefined || watched.sawStart);
}

/** How often the target is read now, ms. */
export function intervalMs(watched: WatchedTarget, idleSeconds: number): number {
  return (watched.run === undefined ? idleSeconds : watched.target.sampleSeconds) * 1000;
}

import { followedTarget } from '../recording/followed-target.ts';
import type { FollowedTarget } from '../recording/followed-target.ts';
import type { FetchedTarget } from '../registry/target.ts';
import type { Run } from '../runs/run.ts';

/** A target as one window knows it. */
export interface WatchedTarget extends FollowedTarget {
  readonly target: FetchedTarget;
  /** When its run was last put on record, ms, as far as this window knows. */
  recordedAtMs: number;
  /** An attempt has not come back yet. */
  isAnswering: boolean;
  /** A look between two instants saw a test: the next instant samples it. */
  sawStart: boolean;
}

/**
 * @param records the records of the runs under way by target; undefined when they could not be read
 * @param nowMs the present instant
 */
export function watch(
  target: FetchedTarget,
  records: ReadonlyMap<string, Run> | undefined,
  nowMs: number,
): WatchedTarget {
  return {
    ...followedTarget(target, records, nowMs),
    target,
    recordedAtMs: nowMs,
    isAnswering: false,
    sawStart: false,
  };
}

/** True while the window has to stay for this target. */
export function needsWindow(watched: WatchedTarget): boolean {
  return !watched.isGone && (watched.run !== undefined || watched.sawStart);
}

/** How often the target is read now, ms. */
export function intervalMs(watched: WatchedTarget, idleSeconds: number): number {
  const isIdle = watched.run === undefined && !watched.sawStart;
  return (isIdle ? idleSeconds : watched.target.sampleSeconds) * 1000;
}

import type { Clock } from '../../runtime/clock.ts';
import { ProblemError } from '../http/problem.ts';
import type { Role } from '../http/tokens.ts';

/**
 * So often in a minute reporters wake the collector: each time, a window ends early on one machine, and every shard is
 * invoked on AWS. What comes beyond that is seen when the collector next looks by itself.
 */
export const maxReporterWakesPerMinute = 30;
/** So many targets reporters put or patch in a minute: as many as they may have, each every 90 s or so. */
export const maxReporterEditsPerMinute = 600;
const minuteMs = 60_000;

/** Bounds how often reporters do what costs others something; an admin always may. */
export interface ReporterRates {
  /** Whether somebody may wake the collector now, which then counts. */
  mayWake(role: Role): boolean;
  /** Counts an edit. @throws ProblemError 429 with Retry-After */
  countEdit(role: Role): void;
}

/** For all requests of one process. */
export function createReporterRates(clock: Pick<Clock, 'passedMs'>): ReporterRates {
  const wakes = createMinuteCount(clock, maxReporterWakesPerMinute);
  const edits = createMinuteCount(clock, maxReporterEditsPerMinute);
  return {
    mayWake: (role) => role === 'admin' || wakes.take(),
    countEdit(role) {
      if (role === 'admin' || edits.take()) return;
      const detail = `Reporters may put and patch ${maxReporterEditsPerMinute} targets a minute together. Try again in ${edits.leftSeconds()} s.`;
      throw new ProblemError('too-many-edits', detail, { headers: { 'retry-after': String(edits.leftSeconds()) } });
    },
  };
}

function createMinuteCount({ passedMs }: Pick<Clock, 'passedMs'>, max: number) {
  let [endsAtMs, left] = [-Infinity, 0];
  return {
    take(): boolean {
      const nowMs = passedMs();
      if (nowMs >= endsAtMs) [endsAtMs, left] = [nowMs + minuteMs, max];
      left -= 1;
      return left >= 0;
    },
    leftSeconds: () => Math.max(1, Math.ceil((endsAtMs - passedMs()) / 1000)),
  };
}

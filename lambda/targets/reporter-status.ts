import type { TargetStatus } from './target.ts';

// A reporter chooses what the collector asks, so what it sees of the failures must be the same whatever is there, or else
// it could search the collector's network. It sees an attempt fail by the clock alone: so long after the attempt began,
// by when an address that stays silent has failed as one that refuses at once.

/**
 * From the instant of an attempt until a reporter may know that it failed, ms; in a run, at most one attempt in each such
 * time is shown, by its beginning. An attempt takes 5 s at most, and one that does may make the target miss its next
 * instants: even so there is one in each such time that is over by its end.
 */
export const revealAfterMs = 10_000;

/** What is stored of attempts that fail, in a row, for the eyes of a reporter. */
type Failing = NonNullable<TargetStatus['failing']>;

/**
 * What is to be stored after one more failed attempt. Only in a run is every attempt stored: at other times a write would
 * say that the kind of failure has changed, so there nothing moves on.
 */
export function failingAfter(
  attemptAt: string,
  { before, isInRun }: { readonly before: TargetStatus | undefined; readonly isInRun: boolean },
): Failing {
  const failing = before?.error && before.failing;
  if (failing === undefined) {
    return { next: attemptAt, ...(before?.error === undefined && before && { readAt: before.checkedAt }) };
  }
  const nextAtMs = Date.parse(failing.next);
  const steps = Math.floor((Date.parse(attemptAt) - nextAtMs) / revealAfterMs);
  if (!isInRun || steps < 1) return failing;
  return { ...failing, shown: failing.next, next: new Date(nextAtMs + steps * revealAfterMs).toISOString() };
}

/** The status as a reporter sees it: neither why attempts fail, nor what else depends on how they do. */
export type ReporterStatus = Pick<TargetStatus, 'state' | 'run' | 'checkedAt' | 'since' | 'error'>;

/**
 * A target's status for the reporter that made it. `since` is `checkedAt`: the real one would tell when the kind of
 * failure changed.
 * @returns undefined as long as nothing may be known
 */
export function statusForReporter(status: TargetStatus, nowMs: number): ReporterStatus | undefined {
  const { state, run, checkedAt, error, failing } = status;
  const seenAt = (at: string): ReporterStatus => ({ state, run, checkedAt: at, since: at });
  if (error === undefined) return seenAt(checkedAt);
  const { next, shown, readAt } = failing ?? { next: error.at ?? status.since };
  const at = nowMs - Date.parse(next) >= revealAfterMs ? next : shown;
  if (at !== undefined) return { ...seenAt(at), error: { kind: 'unread', message: 'the page shows why.', at } };
  return readAt === undefined ? undefined : seenAt(readAt);
}

import type { WindowInput } from './window-input.ts';

/** The schedule fires once a minute, so a window covers one. */
export const windowMs = 60_000;

/**
 * An instant is still met when the clock is at most so far past it: a cold start and a queue's own delay stay below,
 * and the sample is not noticeably older than its timestamp.
 */
export const idleGraceMs = 1_000;

export interface Span {
  /** The first instant that belongs to the window, ms. */
  readonly startAtMs: number;
  /** The instants end before this, ms. */
  readonly endAtMs: number;
  /** The window is over by then, ms: the next one begins. */
  readonly overAtMs: number;
}

/**
 * The span of a window scheduled at an instant and started now.
 * A window that starts late covers a whole minute from then on, and an instant just past it still meets: a schedule
 * that is late once a minute leaves no gap. An idle poll covers what is left of the window that asked for it.
 * A window whose minute is over has nothing left to do.
 */
export function spanOf(window: {
  scheduledAtMs: number;
  kind: WindowInput['kind'];
  nowMs: number;
}): Span | 'too-late' | 'too-early' {
  const { scheduledAtMs, kind, nowMs } = window;
  const minuteEndAtMs = scheduledAtMs + windowMs;
  if (nowMs >= minuteEndAtMs) return 'too-late';
  if (nowMs < scheduledAtMs - windowMs) return 'too-early';
  const startAtMs = Math.max(scheduledAtMs, nowMs - idleGraceMs);
  const isOnTime = startAtMs === scheduledAtMs;
  if (kind === 'idle-poll' || isOnTime) return { startAtMs, endAtMs: minuteEndAtMs, overAtMs: minuteEndAtMs };
  return { startAtMs, endAtMs: startAtMs + windowMs, overAtMs: nowMs + windowMs };
}

/** The first instant after another at which one of these intervals comes round, aligned to the clock; Infinity for none. */
export function nextInstant(previousAtMs: number, intervalsMs: Iterable<number>): number {
  let nextAtMs = Infinity;
  for (const intervalMs of intervalsMs) {
    nextAtMs = Math.min(nextAtMs, (Math.floor(previousAtMs / intervalMs) + 1) * intervalMs);
  }
  return nextAtMs;
}

/** True when an interval comes round at this instant. */
export function isDue(instantMs: number, intervalMs: number): boolean {
  return instantMs % intervalMs === 0;
}

/** The idle polls that are left in a span after an instant, so that a start is seen within `idleSeconds`. */
export function remainingIdlePolls(
  previousAtMs: number,
  span: Pick<Span, 'endAtMs'>,
  idleSeconds: number,
): readonly number[] {
  const polls: number[] = [];
  const intervalMs = idleSeconds * 1000;
  for (
    let pollAtMs = nextInstant(previousAtMs, [intervalMs]);
    pollAtMs < span.endAtMs;
    pollAtMs = nextInstant(pollAtMs, [intervalMs])
  ) {
    polls.push(pollAtMs);
  }
  return polls;
}

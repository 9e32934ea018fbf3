/** The schedule fires once a minute, so a window covers one. */
export const windowMs = 60_000;

/**
 * An instant is still met when the clock is at most so far past it: a cold start and a queue's own delay stay below,
 * and the sample is not noticeably older than its timestamp.
 */
export const graceMs = 1_000;

export interface Span {
  /** The first instant that belongs to the window, ms. */
  readonly startMs: number;
  /** The instants end before this, ms. */
  readonly endMs: number;
  /** The window is over by then, ms: the next one begins. */
  readonly overMs: number;
}

/**
 * The span of a window scheduled at an instant and started now.
 * A window that starts late covers a whole minute from then on, and an instant just past it still meets: a schedule
 * that is late once a minute leaves no gap. A look covers what is left of the window that asked for it.
 * A window whose minute is over has nothing left to do.
 */
export function spanOf(window: {
  scheduledMs: number;
  isLook: boolean;
  nowMs: number;
}): Span | 'too-late' | 'too-early' {
  const { scheduledMs, isLook, nowMs } = window;
  const minuteEndMs = scheduledMs + windowMs;
  if (nowMs >= minuteEndMs) return 'too-late';
  if (nowMs < scheduledMs - windowMs) return 'too-early';
  const startMs = Math.max(scheduledMs, nowMs - graceMs);
  const isOnTime = startMs === scheduledMs;
  if (isLook || isOnTime) return { startMs, endMs: minuteEndMs, overMs: minuteEndMs };
  return { startMs, endMs: startMs + windowMs, overMs: nowMs + windowMs };
}

/** The first instant after another at which one of these intervals comes round, aligned to the clock; Infinity for none. */
export function nextInstant(afterMs: number, intervalsMs: Iterable<number>): number {
  let nextMs = Infinity;
  for (const intervalMs of intervalsMs) {
    nextMs = Math.min(nextMs, (Math.floor(afterMs / intervalMs) + 1) * intervalMs);
  }
  return nextMs;
}

/** True when an interval comes round at this instant. */
export function isDue(instantMs: number, intervalMs: number): boolean {
  return instantMs % intervalMs === 0;
}

/** The looks that are left in a span after an instant, so that a start is seen within `idleSeconds`. */
export function remainingLooks(afterMs: number, span: Pick<Span, 'endMs'>, idleSeconds: number): readonly number[] {
  const looks: number[] = [];
  const intervalMs = idleSeconds * 1000;
  for (
    let lookMs = nextInstant(afterMs, [intervalMs]);
    lookMs < span.endMs;
    lookMs = nextInstant(lookMs, [intervalMs])
  ) {
    looks.push(lookMs);
  }
  return looks;
}

import type { Clock } from '../../lambda/runtime/clock.ts';

/** Why waiting is over. `time-set`: the machine's time was set, or the machine slept. */
export type PaceEnd = 'instant' | 'interrupted' | 'time-set' | 'stopped';

/** Waits by reading the clock every second. */
export interface Pace {
  until(instantMs: number, stop: AbortSignal): Promise<PaceEnd>;
  /** Ends the waiting, or the next one where none is under way; not more than once a second. */
  interrupt(): void;
}

const tickMs = 1_000;
/** A busy machine may wake somebody so late; what is more is another time. */
const setByMs = 10_000;

export function createPace(clock: Clock): Pace {
  let isInterrupted = false;
  let wakeUp = (): void => undefined;
  let mayInterruptAtMs = -Infinity;

  const sleepFor = async (untilMs: number, stop: AbortSignal): Promise<void> => {
    const interrupted = new AbortController();
    wakeUp = () => {
      interrupted.abort();
    };
    await clock.sleepUntil(untilMs, AbortSignal.any([stop, interrupted.signal])).catch(() => undefined);
  };

  return {
    async until(instantMs, stop) {
      for (;;) {
        if (stop.aborted) return 'stopped';
        const beforeAtMs = clock.now();
        if (beforeAtMs >= instantMs) return 'instant';
        if (isInterrupted && (beforeAtMs >= mayInterruptAtMs || mayInterruptAtMs > beforeAtMs + tickMs)) {
          isInterrupted = false;
          mayInterruptAtMs = beforeAtMs + tickMs;
          return 'interrupted';
        }
        await sleepFor(Math.min(instantMs, beforeAtMs + tickMs), stop);
        const passedMs = clock.now() - beforeAtMs;
        if (passedMs < 0 || passedMs > tickMs + setByMs) return 'time-set';
      }
    },
    interrupt() {
      isInterrupted = true;
      wakeUp();
    },
  };
}

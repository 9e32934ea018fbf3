import { setTimeout as sleep } from 'node:timers/promises';

/** The only way to read the time or to wait. All instants are milliseconds since the epoch (UTC). */
export interface Clock {
  /** The current instant in ms. */
  now(): number;
  /**
   * Resolves when the instant has come, at once when it is past.
   * @throws AbortError when `signal` is aborted first.
   */
  sleepUntil(instantMs: number, signal?: AbortSignal): Promise<void>;
  /** A signal that is aborted with a TimeoutError `afterMs` from now. Does not keep the process alive. */
  deadline(afterMs: number): AbortSignal;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  async sleepUntil(instantMs, signal) {
    // A timer may fire up to 1 ms early, hence the loop.
    for (let leftMs = instantMs - Date.now(); leftMs > 0; leftMs = instantMs - Date.now()) {
      await sleep(leftMs, undefined, signal === undefined ? {} : { signal });
    }
  },
  deadline: (afterMs) => AbortSignal.timeout(Math.max(0, Math.ceil(afterMs))),
};

import { setTimeout as sleep } from 'node:timers/promises';

/** The only way to read the time or to wait. All instants are milliseconds since the epoch (UTC). */
export interface Clock {
  /** The current instant in ms. */
  now(): number;
  /** Time that only passes, ms since whenever: it goes on as before when the machine's time is set. */
  passedMs(): number;
  /**
   * Resolves when the instant has come, at once when it is past. When the machine's time is set meanwhile: within a
   * second where that brings the instant, and where it puts it off, when as much time has passed as was left before.
   * @throws AbortError when `signal` is aborted first.
   */
  sleepUntil(instantMs: number, signal?: AbortSignal): Promise<void>;
  /** A signal that is aborted with a TimeoutError `afterMs` from now. Does not keep the process alive. */
  deadline(afterMs: number): AbortSignal;
}

/** What of the system a clock is made of. */
export interface TimeSource {
  /** The machine's time, which may be set at any moment, ms since the epoch. */
  readonly nowMs: () => number;
  /** Time that only passes, ms since whenever. */
  readonly passedMs: () => number;
  readonly sleep: (forMs: number, signal: AbortSignal | undefined) => Promise<unknown>;
}

/** Timers follow the time that passes: so often it is asked whether the machine's time has been set. */
const longestTimerMs = 1_000;
/** The machine's time is never moved so far in small steps, while it is kept in line with others. */
const toleranceMs = 1_000;

/** A clock of the machine's time that does not stand still when that is set. */
export function createClock({ nowMs, passedMs, sleep: sleepFor }: TimeSource): Clock {
  return {
    now: nowMs,
    passedMs,
    async sleepUntil(instantMs, signal) {
      const latestAtMs = passedMs() + (instantMs - nowMs()) + toleranceMs;
      // A timer may fire up to 1 ms early as well.
      for (let leftMs = instantMs - nowMs(); leftMs > 0 && passedMs() < latestAtMs; leftMs = instantMs - nowMs()) {
        await sleepFor(Math.min(leftMs, longestTimerMs), signal);
      }
    },
    deadline: (afterMs) => AbortSignal.timeout(Math.max(0, Math.ceil(afterMs))),
  };
}

/**
 * How much time is left until an instant, ms, whenever it is asked; less than nothing once it is over. When the machine's
 * time is set back meanwhile, no more is left than was before.
 */
export function countDown(clock: Pick<Clock, 'now' | 'passedMs'>, untilMs: number): () => number {
  const endsAtMs = clock.passedMs() + (untilMs - clock.now());
  return () => Math.min(untilMs - clock.now(), endsAtMs - clock.passedMs());
}

/** Time that has passed since some moment, ms: it is never set, and cheap to ask. */
export const passedMs = (): number => performance.now();

/** The machine's own clock. */
export const systemClock: Clock = createClock({
  nowMs: () => Date.now(),
  passedMs,
  sleep: (forMs, signal) => sleep(forMs, undefined, signal === undefined ? {} : { signal }),
});

/**
 * How far apart two instants are, ms. What is stamped later than now was written before the machine's time was set back:
 * by its age it would count as new until that time comes again.
 */
export const apartMs = (oneMs: number, otherMs: number): number => Math.abs(oneMs - otherMs);

/** Clocks of different machines that are set right are not further apart, ms. */
export const clocksApartMs = 15_000;

/** The CPU time that this thread has used so far, ms; on Node before 23.9 that of the whole process. */
export function cpuTimeMs(): number {
  const meter: typeof process & { threadCpuUsage?(): NodeJS.CpuUsage } = process;
  const { user, system } = meter.threadCpuUsage?.() ?? process.cpuUsage();
  return (user + system) / 1000;
}

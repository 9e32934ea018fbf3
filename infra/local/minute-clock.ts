import { shutdownReserveMs } from '../../lambda/collector/collector.ts';
import type { Collector } from '../../lambda/collector/collector.ts';
import type { IdlePoll, Wake } from '../../lambda/collector/wake.ts';
import { windowMs } from '../../lambda/collector/window-span.ts';
import type { Clock } from '../../lambda/runtime/clock.ts';
import { createPace } from './pace.ts';
import type { Pace } from './pace.ts';

/** What is left of a minute has to be worth a window. */
const shortestWindowMs = { atStart: 5_000, betweenMinutes: 2_000 };
/** A window that was ended early has so long to send its lines before the next one begins beside it. */
const handOverMs = 3_000;

/** Invokes the collector on one machine as schedule and queue do on AWS. */
export interface MinuteClock {
  readonly wake: Wake;
  /** The targets have changed: the window under way ends, and another one begins that reads them. */
  readonly targetsChanged: () => void;
  /**
   * Invokes now, for what is left of the minute, at every full minute from then on, and when the targets change or the
   * machine's time is set, until the signal is aborted; then waits for what is under way.
   */
  run(collector: Collector, stop: AbortSignal): Promise<void>;
}

/** @param failed learns that an invocation failed as a whole; the next minute goes on */
export function createMinuteClock(clock: Clock, failed: (error: unknown) => void): MinuteClock {
  const pace = createPace(clock);
  let invocations: Invocations | undefined;
  const early: IdlePoll[] = [];
  return {
    wake: {
      request(asked) {
        if (invocations === undefined) early.push(...asked);
        else invocations.pollLater(asked);
        return Promise.resolve();
      },
    },
    targetsChanged: () => {
      pace.interrupt();
    },
    async run(collector, stop) {
      invocations = createInvocations({ clock, failed, collector, stop });
      invocations.pollLater(early.splice(0));
      await beatMinutes({ clock, pace, invocations, stop });
      await invocations.settled();
    },
  };
}

async function beatMinutes(beating: {
  readonly clock: Clock;
  readonly pace: Pace;
  readonly invocations: Invocations;
  readonly stop: AbortSignal;
}): Promise<void> {
  const { clock, pace, invocations, stop } = beating;
  let minuteAtMs = minuteOf(clock.now() + shortestWindowMs.atStart);
  for (;;) {
    const reached = await pace.until(minuteAtMs, stop);
    if (reached === 'stopped') return;
    if (reached === 'instant') invocations.beginWindow(minuteAtMs);
    else {
      // Polls of another time would never come, or all at once.
      if (reached === 'time-set') invocations.forgetPolls();
      await invocations.endWindow();
      const leftMs = minuteOf(clock.now()) + windowMs - clock.now();
      if (leftMs >= shortestWindowMs.betweenMinutes) invocations.beginWindow(clock.now());
    }
    // Minutes that the machine slept through are over.
    minuteAtMs = minuteOf(clock.now()) + windowMs;
  }
}

interface Invocations {
  /** Begins a window, beside one that still sends its last lines. */
  beginWindow(scheduledAtMs: number): void;
  /** Ends the window under way, and waits until it has, for a few seconds at most. */
  endWindow(): Promise<void>;
  pollLater(polls: readonly IdlePoll[]): void;
  forgetPolls(): void;
  settled(): Promise<void>;
}

function createInvocations(parts: {
  readonly clock: Clock;
  readonly failed: (error: unknown) => void;
  readonly collector: Collector;
  readonly stop: AbortSignal;
}): Invocations {
  const { clock, failed, collector, stop } = parts;
  const underWay = new Set<Promise<void>>();
  let window = { ended: new AbortController(), done: Promise.resolve() };
  let polls = { forgotten: new AbortController(), instants: new Set<string>() };

  const inBackground = (task: Promise<void>): Promise<void> => {
    const tracked = task.finally(() => underWay.delete(tracked));
    underWay.add(tracked);
    return tracked;
  };
  const invoke = async (event: object, ended: AbortSignal): Promise<void> => {
    // A window waits for the next one for a minute at most, as on AWS, and has what a Lambda keeps in reserve for its end.
    const endAtMs = minuteOf(clock.now()) + 2 * windowMs + shutdownReserveMs;
    try {
      await collector(event, { getRemainingTimeInMillis: () => endAtMs - clock.now(), stop: ended });
    } catch (error) {
      failed(error);
    }
  };
  const poll = async (asked: IdlePoll): Promise<void> => {
    const { forgotten, instants } = polls;
    const signal = AbortSignal.any([stop, forgotten.signal]);
    const isDue = await clock.sleepUntil(Date.parse(asked.from), signal).then(
      () => !signal.aborted,
      () => false,
    );
    instants.delete(asked.from);
    if (isDue) await invoke(asked, stop);
  };
  return {
    beginWindow(scheduledAtMs) {
      const ended = new AbortController();
      const event = { scheduledTime: new Date(scheduledAtMs).toISOString() };
      window = { ended, done: inBackground(invoke(event, AbortSignal.any([stop, ended.signal]))) };
    },
    async endWindow() {
      window.ended.abort();
      const enough = new AbortController();
      const bound = clock.sleepUntil(clock.now() + handOverMs, enough.signal).catch(() => undefined);
      await Promise.race([window.done, bound]);
      enough.abort();
    },
    pollLater(asked) {
      for (const each of asked) {
        // A window that began between two minutes asks for the same ones again.
        if (polls.instants.has(each.from)) continue;
        polls.instants.add(each.from);
        void inBackground(poll(each));
      }
    },
    forgetPolls() {
      polls.forgotten.abort();
      polls = { forgotten: new AbortController(), instants: new Set() };
    },
    settled: () => Promise.all(underWay).then(() => undefined),
  };
}

const minuteOf = (instantMs: number): number => Math.floor(instantMs / windowMs) * windowMs;

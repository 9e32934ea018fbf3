import { shutdownReserveMs } from '../../lambda/collector/collector.ts';
import type { Collector } from '../../lambda/collector/collector.ts';
import type { Look, Wake } from '../../lambda/collector/wake.ts';
import { windowMs } from '../../lambda/collector/window.ts';
import type { Clock } from '../../lambda/runtime/clock.ts';

/** What is left of a minute has to be worth a window. */
const shortestWindowMs = 5_000;

/** Invokes the collector on one machine as schedule and queue do on AWS. */
export interface MinuteClock {
  readonly wake: Wake;
  /** Invokes now, for what is left of the minute, and at every full minute from then on, until the signal is aborted; then waits for what is under way. */
  run(collector: Collector, stop: AbortSignal): Promise<void>;
}

/** @param failed is told when an invocation failed as a whole; the next minute goes on */
export function createMinuteClock(clock: Clock, failed: (error: unknown) => void): MinuteClock {
  const looks: Look[] = [];
  let lookAsked = (): void => undefined;

  const invoke = async (collector: Collector, event: object): Promise<void> => {
    // The next minute's window takes over: this one has its time, and what a Lambda keeps in reserve for its end.
    const endMs = minuteOf(clock.now()) + windowMs + shutdownReserveMs;
    try {
      await collector(event, { getRemainingTimeInMillis: () => endMs - clock.now() });
    } catch (error) {
      failed(error);
    }
  };

  return {
    wake: {
      request(asked) {
        looks.push(...asked);
        lookAsked();
        return Promise.resolve();
      },
    },
    async run(collector, stop) {
      const underWay = new Set<Promise<void>>();
      const inBackground = (task: Promise<void>): void => {
        const tracked = task.finally(() => underWay.delete(tracked));
        underWay.add(tracked);
      };
      const lookLater = async (look: Look): Promise<void> => {
        if (await slept(clock, Date.parse(look.from), stop)) await invoke(collector, look);
      };
      lookAsked = () => {
        for (const look of looks.splice(0)) inBackground(lookLater(look));
      };
      let minuteMs = minuteOf(clock.now() + shortestWindowMs);
      while (await slept(clock, minuteMs, stop)) {
        inBackground(invoke(collector, { scheduledTime: new Date(minuteMs).toISOString() }));
        // Minutes that the machine slept through are over.
        minuteMs = minuteOf(clock.now()) + windowMs;
      }
      await Promise.all(underWay);
    },
  };
}

const minuteOf = (instantMs: number): number => Math.floor(instantMs / windowMs) * windowMs;

async function slept(clock: Clock, untilMs: number, stop: AbortSignal): Promise<boolean> {
  if (stop.aborted) return false;
  return clock.sleepUntil(untilMs, stop).then(
    () => true,
    () => false,
  );
}

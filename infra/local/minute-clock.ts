import type { Collector } from '../../lambda/collector/collector.ts';
import type { Look, Wake } from '../../lambda/collector/wake.ts';
import { windowMs } from '../../lambda/collector/window.ts';
import type { Clock } from '../../lambda/runtime/clock.ts';

/** As long as the Lambda may run: a window that started late, and its end. */
const invocationMs = 75_000;

/** Invokes the collector on one machine as schedule and queue do on AWS. */
export interface MinuteClock {
  readonly wake: Wake;
  /** Invokes now and once a minute from now on, until the signal is aborted; then waits for what is under way. */
  run(collector: Collector, stop: AbortSignal): Promise<void>;
}

/** @param failed is told when an invocation failed as a whole; the next minute goes on */
export function createMinuteClock(clock: Clock, failed: (error: unknown) => void): MinuteClock {
  const looks: Look[] = [];
  let lookAsked = (): void => undefined;

  const invoke = async (collector: Collector, event: object): Promise<void> => {
    const endMs = clock.now() + invocationMs;
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
      for (let minuteMs = clock.now(); await slept(clock, minuteMs, stop); minuteMs += windowMs) {
        inBackground(invoke(collector, { scheduledTime: new Date(minuteMs).toISOString() }));
      }
      await Promise.all(underWay);
    },
  };
}

async function slept(clock: Clock, untilMs: number, stop: AbortSignal): Promise<boolean> {
  if (stop.aborted) return false;
  return clock.sleepUntil(untilMs, stop).then(
    () => true,
    () => false,
  );
}

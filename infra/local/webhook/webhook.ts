import type { RunEvent } from '../../../lambda/runs/events/run-event.ts';
import { tellWaiting } from './tell-waiting.ts';
import type { Telling } from './tell-waiting.ts';

/** After a failure it is called again so soon, then twice as late each time, and never later than every five minutes, ms. */
const firstPauseMs = 1_000;
const longestPauseMs = 5 * 60_000;

export interface Webhook {
  /** Takes an event, to be told at least once. Neither throws nor waits. */
  readonly tell: (event: RunEvent) => void;
  /** Tells events as they come, and those that waited before, until the signal is aborted and what was taken is seen to. */
  readonly run: (stop: AbortSignal) => Promise<void>;
}

/** Sends events as JSON to a URL, one after the other, each again until it is answered with 2xx. */
export function createWebhook(telling: Telling): Webhook {
  const { files, clock, failed } = telling;
  let wake = new AbortController();
  let taking: Promise<unknown> = Promise.resolve();
  return {
    tell(event) {
      taking = taking
        .then(() => files.put(event, clock.now()))
        .then(() => {
          wake.abort();
        })
        .catch((error: unknown) => {
          failed('keeping an event for the webhook', error);
        });
    },
    async run(stop) {
      let pauseMs = firstPauseMs;
      for (;;) {
        const isLast = stop.aborted;
        await taking;
        wake = new AbortController();
        const isTold = await tellWaiting(telling).catch((error: unknown) => {
          failed('reading the events for the webhook', error);
          return false;
        });
        if (isLast) return;
        const untilMs = isTold ? Infinity : clock.now() + pauseMs;
        pauseMs = isTold ? firstPauseMs : Math.min(2 * pauseMs, longestPauseMs);
        // A server in trouble is not called for every new event.
        const signal = isTold ? AbortSignal.any([stop, wake.signal]) : stop;
        await clock.sleepUntil(untilMs, signal).catch(() => undefined);
      }
    },
  };
}

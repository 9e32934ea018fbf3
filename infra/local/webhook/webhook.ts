import type { RunEvent } from '../../../lambda/runs/events/run-event.ts';
import { tellWaiting } from './tell-waiting.ts';
import type { Round, Telling, Told } from './tell-waiting.ts';

/** After a failure it is called again so soon, then twice as late each time, and never later than every five minutes, ms. */
const firstPauseMs = 1_000;
const longestPauseMs = 5 * 60_000;

/** Who stops a process does not wait longer for the last events, ms: what is not told by then is told after the next start. */
const lastRoundMs = 5_000;

export interface Webhook {
  /** Takes an event, to be told at least once. Neither throws nor waits. */
  readonly tell: (event: RunEvent) => void;
  /** Tells events as they come, and those that waited before, until the signal is aborted, and for a few seconds more. */
  readonly run: (stop: AbortSignal) => Promise<void>;
  /** Resolves when all that was taken lies in the data folder, for the next start if it was not told. */
  readonly keepTaken: () => Promise<void>;
}

/** Sends events as JSON to a URL, one after the other, each again until it is answered with 2xx. */
export function createWebhook(telling: Telling): Webhook {
  const { files, clock, failed } = telling;
  let wake = new AbortController();
  let taking: Promise<void> = Promise.resolve();
  const tellRound = (round: Round): Promise<Told> =>
    tellWaiting(telling, round).catch((error: unknown) => {
      failed('reading the events for the webhook', error);
      return { isThere: false, refused: new Set() };
    });
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
    keepTaken: () => taking,
    async run(stop) {
      let [pauseMs, retryAtMs] = [firstPauseMs, 0];
      let refused: ReadonlySet<string> = new Set();
      while (!stop.aborted) {
        const isRetry = clock.now() >= retryAtMs;
        wake = new AbortController();
        const told = await tellRound({ stop, leaveOut: isRetry ? new Set() : refused });
        refused = isRetry ? told.refused : new Set([...refused, ...told.refused]);
        const isWell = told.isThere && refused.size === 0;
        if (isRetry) [pauseMs, retryAtMs] = isWell ? [firstPauseMs, 0] : [nextPauseMs(pauseMs), clock.now() + pauseMs];
        else if (!told.isThere) retryAtMs = Math.max(retryAtMs, clock.now() + pauseMs);
        // A server that does not answer is not called for every new event.
        const signal = told.isThere ? AbortSignal.any([stop, wake.signal]) : stop;
        await clock.sleepUntil(isWell ? Infinity : retryAtMs, signal).catch(() => undefined);
      }
      await taking;
      await tellRound({ stop: clock.deadline(lastRoundMs), leaveOut: refused });
    },
  };
}

const nextPauseMs = (pauseMs: number): number => Math.min(2 * pauseMs, longestPauseMs);

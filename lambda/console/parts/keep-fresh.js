// @ts-check
import { ApiAway } from '../session/api.js';

/** Samples come every 2 to 60 s; this is often enough to watch, and cheap. */
const everyMs = 4_000;
const longestPauseMs = 15_000;

/**
 * Calls `refresh` every few seconds while the tab is visible, at once when it becomes visible, and with growing pauses
 * while the API is away. What else `refresh` throws goes to `failed` and ends it.
 * @param {{ refresh: () => Promise<void>, back: () => void, away: (error: ApiAway, pauseMs: number) => void,
 *   failed: (error: unknown) => void, signal: AbortSignal }} options
 * @returns {{ now: () => void }} `now` asks without waiting
 */
export function keepFresh({ refresh, back, away, failed, signal }) {
  let timer = 0;
  let failures = 0;
  let isAsking = false;
  let isWanted = false;
  const wait = (/** @type {number} */ ms) => {
    clearTimeout(timer);
    if (!signal.aborted && !document.hidden) timer = window.setTimeout(ask, ms);
  };
  const ask = async () => {
    isWanted = isAsking;
    if (isAsking || signal.aborted) return;
    isAsking = true;
    try {
      await refresh();
      failures = 0;
      if (!signal.aborted) back();
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ApiAway)) return failed(error);
      failures += 1;
      const pauseMs = Math.min(longestPauseMs, 1_000 * 2 ** failures);
      away(error, pauseMs);
      return wait(pauseMs);
    } finally {
      isAsking = false;
    }
    wait(isWanted ? 0 : everyMs);
  };
  const whenVisible = () => (document.hidden ? clearTimeout(timer) : void ask());
  document.addEventListener('visibilitychange', whenVisible, { signal });
  window.addEventListener('online', () => void ask(), { signal });
  signal.addEventListener('abort', () => clearTimeout(timer));
  void ask();
  return { now: () => void ask() };
}

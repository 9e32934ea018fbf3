// @ts-check
import { Problem } from '../session/api.js';

/** The answer costs the API a read of everything that it counts, so it is asked rarely. */
const everyMs = 60_000;

/**
 * Calls `refresh` once a minute, however often it is called itself. It never fails: the list beside it shows when the
 * API is away.
 * @param {() => Promise<void>} refresh
 */
export function onceAMinute(refresh) {
  let nextAtMs = 0;
  return async () => {
    if (performance.now() < nextAtMs) return;
    nextAtMs = performance.now() + everyMs;
    try {
      await refresh();
    } catch (error) {
      // An API that has none of it.
      if (error instanceof Problem) nextAtMs = Infinity;
    }
  };
}

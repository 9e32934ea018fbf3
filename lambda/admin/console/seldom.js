// @ts-check
import { Problem } from './api.js';

/** What is asked costs the API a read of all that it tells of, so that it is asked seldom. */
const everyMs = 60_000;

/**
 * Calls `look` once a minute, however often it is called itself. It never fails: the list beside tells when the API is
 * away.
 * @param {() => Promise<void>} look
 */
export function seldom(look) {
  let nextMs = 0;
  return async () => {
    if (performance.now() < nextMs) return;
    nextMs = performance.now() + everyMs;
    try {
      await look();
    } catch (error) {
      // An API that has none of it.
      if (error instanceof Problem) nextMs = Infinity;
    }
  };
}

import type { Clock } from './clock.ts';

/**
 * Repeats a conditional write until it is the first: each try reads again what it changes. In each round at least one of
 * those that collide gets done, and the pauses are random, so that they do not meet again.
 * @param options.maxPauseMs the longest pause between two tries, ms
 * @returns undefined when others were faster every time
 */
export async function retryLostRace<Result>(
  options: { readonly clock: Clock; readonly maxTries: number; readonly maxPauseMs: number },
  tryOnce: () => Promise<Result | 'conflict'>,
): Promise<Result | undefined> {
  const { clock, maxTries, maxPauseMs } = options;
  for (let tries = 1; tries <= maxTries; tries += 1) {
    const result = await tryOnce();
    if (result !== 'conflict') return result;
    if (tries < maxTries) await clock.sleepUntil(clock.now() + Math.random() * maxPauseMs);
  }
  return undefined;
}

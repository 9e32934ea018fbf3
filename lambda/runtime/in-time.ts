import type { Clock } from './clock.ts';
import { withResolvers } from './with-resolvers.ts';

/** Something did not come to its end in time; it may still do so later. */
class TooLate extends Error {
  override readonly name = 'TooLate';
}

/**
 * Waits for something, but not longer than so many ms.
 * @throws TooLate after that; whatever the work itself rejects with before
 */
export async function inTime<Result>(clock: Clock, limitMs: number, work: Promise<Result>): Promise<Result> {
  const deadline = clock.deadline(limitMs);
  const late = withResolvers<never>();
  const onLate = (): void => {
    late.reject(new TooLate(`no answer within ${limitMs} ms`));
  };
  deadline.addEventListener('abort', onLate, { once: true });
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    deadline.removeEventListener('abort', onLate);
  }
}

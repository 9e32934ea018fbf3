import { createMiddleware } from 'hono/factory';
import type { ApiEnv } from './auth.ts';
import { ProblemError } from './problem.ts';

/**
 * What the bodies of all requests under way may hold in memory, bytes. An eighth of the 512 MB that the API runs in on
 * AWS and in the container: a body is text, then values, and a report is decompressed besides.
 */
export const maxBodyBytesAtOnce = 64 * 1024 * 1024;

/**
 * Bounds what all bodies that are taken in at once hold, by what their requests announce. Comes after the token, so
 * that nobody without one uses any of it up, and before anything reads a body.
 * @param maxBytesOf the largest body that a request may have, which one of unknown length counts as
 * @returns a middleware that throws ProblemError 503 with Retry-After
 */
export function boundBodies(
  maxBytesOf: (request: { readonly method: string; readonly path: string }) => number,
  maxBytesAtOnce = maxBodyBytesAtOnce,
) {
  let heldBytes = 0;
  return createMiddleware<ApiEnv>(async ({ req }, next) => {
    if (req.raw.body === null) return next();
    const maxBytes = maxBytesOf(req);
    // NaN where there is none.
    const announced = Number.parseInt(req.header('content-length') ?? '', 10);
    const bytes = announced >= 0 ? Math.min(announced, maxBytes) : maxBytes;
    if (heldBytes + bytes > maxBytesAtOnce) throw crowded(maxBytesAtOnce);
    heldBytes += bytes;
    try {
      await next();
    } finally {
      heldBytes -= bytes;
    }
  });
}

function crowded(maxBytes: number): ProblemError {
  const detail = `The bodies of requests under way take ${maxBytes / 1024 ** 2} MiB together, which is the limit. Send it again in some seconds.`;
  return new ProblemError('unavailable', detail, { headers: { 'retry-after': '5' } });
}

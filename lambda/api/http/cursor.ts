import { createHash } from 'node:crypto';
import { ProblemError } from './problem.ts';

/** Where a walk over pages goes on. */
export interface CursorPlace {
  /** The key of the last thing that was given out. */
  readonly last: string;
  /** How many were given out so far. */
  readonly seen: number;
}

/** A place as opaque text. @param query what the walk asks for: another query refuses it */
export function toCursor({ last, seen }: CursorPlace, query: readonly unknown[]): string {
  return Buffer.from(JSON.stringify([last, seen, checksum(last, seen, query)])).toString('base64url');
}

/** @throws ProblemError 422 for a text that `toCursor` did not make for this query */
export function fromCursor(cursor: string, query: readonly unknown[]): CursorPlace {
  try {
    const [last, seen, sum] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as readonly unknown[];
    const isCount = typeof seen === 'number' && Number.isSafeInteger(seen) && seen >= 0;
    const isPlace = typeof last === 'string' && last !== '' && isCount;
    if (isPlace && sum === checksum(last, seen, query)) return { last, seen };
  } catch {
    // Refused below.
  }
  const message = 'take the cursor of the page before, with the same other parameters';
  throw new ProblemError('invalid-request', `cursor: ${message}`, {
    fields: [{ field: 'cursor', in: 'query', message }],
  });
}

/** Catches mistakes. It is no protection, and none is needed: a cursor opens nothing that its bearer may not see. */
function checksum(last: string, seen: number, query: readonly unknown[]): string {
  return createHash('sha256')
    .update(JSON.stringify([last, seen, query]))
    .digest('base64url')
    .slice(0, 10);
}

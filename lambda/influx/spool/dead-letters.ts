import * as z from 'zod';
import { toLines } from '../lines.ts';
import { createSpool } from './spool.ts';
import type { SpoolStore, StoredObject } from './spool-store.ts';
import { deadLetterPrefix, instantOfName, objectName, packText, unpackText, Unreadable } from './stored-object.ts';

/** How long they are kept, days. */
export const deadLetterDays = 30;

/** Gzipped letters of one page, which unpack to ten times that: the admin API has them in memory all at once. */
const maxPageBytes = 1_048_576;

/** As many as one request to S3 lists. */
const maxCounted = 1_000;

/** Lines that InfluxDB will never take, with its reason. */
export interface Rejection {
  readonly lines: readonly string[];
  /** The HTTP status: 400, 413, 422, or a 5xx that says that lines were rejected. */
  readonly status: number | undefined;
  /** InfluxDB's own words, at most 300 characters. */
  readonly reason: string;
}

interface OnRecord {
  /** Names it: its instant and a hash, `20261122T140510.250Z-0123456789abcdef`. */
  readonly id: string;
  /** When InfluxDB rejected it; of what cannot be read, when it was written. */
  readonly atMs: number;
}

/** Rejected lines on record. */
export interface RejectedLines extends OnRecord, Rejection {
  readonly kind: 'rejected-lines';
}

/** Something that waited and cannot be read: it lies there as it was found, and nothing can be sent of it. */
export interface UnreadableEntry extends OnRecord {
  readonly kind: 'unreadable-entry';
  /** Why it cannot be read. */
  readonly reason: string;
  readonly unreadableBytes: number;
}

/** What waits for a person's decision. */
export type DeadLetter = RejectedLines | UnreadableEntry;

export interface DeadLetterPage {
  /** Oldest first. */
  readonly letters: readonly DeadLetter[];
  /** The id to go on after; undefined at the end. */
  readonly last: string | undefined;
}

/** Dead letters on record. All of it rejects when the store does. */
export interface DeadLetters {
  /** Puts rejected lines on record; the same ones of the same instant put twice are there once. */
  add(rejection: Rejection, atMs: number): Promise<void>;
  /**
   * Oldest first. Fewer than asked for where they are large.
   * @param query.after the id to go on behind
   */
  list(query: { readonly limit: number; readonly after?: string | undefined }): Promise<DeadLetterPage>;
  /** How many there are; undefined beyond 1,000. */
  count(): Promise<number | undefined>;
  /** One of them; undefined when there is none, or it is gone. */
  find(id: string): Promise<DeadLetter | undefined>;
  /**
   * Hands its lines to the spool, from where the next window sends them, and takes it off.
   * @returns false when there is none, or it is gone
   * @throws Unreadable for what has no lines to send; it stays
   */
  replay(id: string, nowMs: number): Promise<boolean>;
  /** Forgets it and its lines. @returns false when there is none, or it is gone */
  drop(id: string): Promise<boolean>;
}

const storedLetter = z.object({
  at: z.iso.datetime().transform((text) => Date.parse(text)),
  status: z.number().optional(),
  reason: z.string(),
  lines: z.array(z.string()).min(1),
});

/** True for what can be an id: no other may become part of a key. */
export function isDeadLetterId(text: string): boolean {
  return instantOfName(text) !== undefined;
}

const keyOf = (id: string): string => `${deadLetterPrefix}/${id}`;
const idOf = (key: string): string => key.slice(deadLetterPrefix.length + 1);

/** The dead letters in a store that a spool shares. */
export function createDeadLetters(store: SpoolStore): DeadLetters {
  const spool = createSpool(store);
  const find = async (id: string): Promise<DeadLetter | undefined> => {
    if (!isDeadLetterId(id)) return undefined;
    const body = await store.get(keyOf(id));
    return body === undefined ? undefined : letterOf(id, body);
  };
  return {
    find,
    async add({ lines, status, reason }, atMs) {
      const text = JSON.stringify({ at: new Date(atMs).toISOString(), status, reason, lines });
      await store.put(keyOf(objectName(atMs, text)), packText(text));
    },
    list: (query) => listLetters(query, { store, find }),
    async count() {
      const { objects, isComplete } = await store.list({ prefix: deadLetterPrefix, limit: maxCounted });
      return isComplete ? objects.filter(({ key }) => isDeadLetterId(idOf(key))).length : undefined;
    },
    async replay(id, nowMs) {
      const letter = await find(id);
      if (letter === undefined) return false;
      if (letter.kind === 'unreadable-entry') throw new Unreadable(letter.reason);
      await spool.put(toLines(letter.lines), nowMs);
      await store.remove(keyOf(id));
      return true;
    },
    async drop(id) {
      if (!isDeadLetterId(id) || (await store.get(keyOf(id))) === undefined) return false;
      await store.remove(keyOf(id));
      return true;
    },
  };
}

async function listLetters(
  { limit, after }: Parameters<DeadLetters['list']>[0],
  { store, find }: { readonly store: SpoolStore; readonly find: DeadLetters['find'] },
): Promise<DeadLetterPage> {
  const letters: DeadLetter[] = [];
  for (let last = after; ;) {
    const behind = last === undefined ? {} : { after: keyOf(last) };
    const page = await store.list({ prefix: deadLetterPrefix, limit: limit - letters.length, ...behind });
    const objects = firstOf(page.objects);
    const ids = objects.map(({ key }) => idOf(key));
    for (const letter of await Promise.all(ids.map(find))) if (letter !== undefined) letters.push(letter);
    last = ids.at(-1);
    const isWhole = objects.length === page.objects.length;
    if (last === undefined || (isWhole && page.isComplete)) return { letters, last: undefined };
    if (!isWhole || letters.length === limit) return { letters, last };
  }
}

/** As many as fit into memory, one at least. */
function firstOf(objects: readonly StoredObject[]): readonly StoredObject[] {
  let bytes = 0;
  const end = objects.findIndex(({ sizeBytes }, index) => (bytes += sizeBytes) > maxPageBytes && index > 0);
  return end === -1 ? objects : objects.slice(0, end);
}

function letterOf(id: string, body: Buffer): DeadLetter {
  try {
    const { at, status, reason, lines } = parse(unpackText(body));
    return { kind: 'rejected-lines', id, atMs: at, status, reason, lines };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const [atMs, reason] = [instantOfName(id) ?? NaN, `cannot be read: ${error.message}`];
    return { kind: 'unreadable-entry', id, atMs, reason, unreadableBytes: body.length };
  }
}

function parse(text: string): z.output<typeof storedLetter> {
  try {
    return storedLetter.parse(JSON.parse(text));
  } catch (cause) {
    throw new Unreadable('it holds no dead letter', { cause });
  }
}

import { parseLines } from '../lines.ts';
import type { Lines } from '../lines.ts';
import type { SpoolStore } from './spool-store.ts';
import {
  deadLetterPrefix,
  instantOfName,
  objectName,
  packText,
  unpackText,
  Unreadable,
  waitingPrefix as prefix,
} from './stored-object.ts';

/** More than a week's outage of a few hundred targets: beyond it, totals say what there is at least. */
const maxListed = 20_000;
const listedPerRequest = 1_000;
/** Nothing that is put here comes near it, and nobody has room to read more. */
const maxEntryBytes = 32 * 1024 * 1024;

/** Lines that were written together. */
export interface WaitingEntry {
  readonly key: string;
  /** When they were put here, ms. */
  readonly writtenAtMs: number;
  /** As they lie there, gzipped. */
  readonly sizeBytes: number;
}

/** What waits, in figures. */
export interface WaitingTotals {
  readonly entries: number;
  readonly bytes: number;
  /** The age of the oldest, s; 0 when nothing waits. */
  readonly ageSeconds: number;
}

/** Lines that wait for InfluxDB to take them. All of it rejects when the store does. */
export interface Spool {
  /**
   * Keeps lines. They are safe when this resolves; the same lines of the same instant put twice are there once.
   */
  put(lines: Lines, writtenAtMs: number): Promise<void>;
  /** What waits, oldest first; the first 20,000 entries. */
  list(): Promise<readonly WaitingEntry[]>;
  /**
   * The lines of an entry; undefined when it is gone: another drainer has delivered it.
   * @throws DamagedEntry when what lies there is not what was put there
   */
  read(key: string): Promise<Lines | undefined>;
  /**
   * Puts a damaged entry among the dead letters, byte by byte as it is, and takes it out of the spool. Done twice, it
   * is there once.
   * @param entry as it was listed
   * @param damaged what reading it ended with
   * @returns the dead letter's id; undefined when the entry is gone: another drainer has done it
   * @throws DamagedEntry when it reads otherwise now, or is not of the size that is listed: then it may be the reading
   *   that was at fault, and it stays
   */
  setAside(entry: WaitingEntry, damaged: DamagedEntry): Promise<string | undefined>;
  /** Only after every line of it is stored or among the dead letters. No error when it is gone already. */
  remove(key: string): Promise<void>;
}

/** What lies under a key is not what was put there, or was not read as it is. */
export class DamagedEntry extends Error {
  override readonly name = 'DamagedEntry';
  readonly body: Buffer;

  /** @param body as it was read */
  constructor(key: string, body: Buffer, cause: Unreadable) {
    super(`${key} is damaged: ${cause.message}`, { cause });
    this.body = body;
  }
}

/** The spool in a store. Knows nothing that another one on the same store does not: any number may work on it at once. */
export function createSpool(store: SpoolStore): Spool {
  return {
    async put({ text }, writtenAtMs) {
      await store.put(`${prefix}/${objectName(writtenAtMs, text)}`, packText(text));
    },
    list: () => listEntries(store),
    async read(key) {
      const body = await store.get(key);
      if (body === undefined) return undefined;
      try {
        // An object without a line is no damage; there is just nothing in it.
        return parseLines(unpackText(body));
      } catch (cause) {
        throw cause instanceof Unreadable ? new DamagedEntry(key, body, cause) : cause;
      }
    },
    async setAside({ key, writtenAtMs, sizeBytes }, damaged) {
      const body = await store.get(key);
      if (body === undefined) return undefined;
      if (body.length !== sizeBytes || !body.equals(damaged.body)) throw damaged;
      // Two drainers at once choose the same id, and different bytes never do.
      const id = objectName(writtenAtMs, body);
      await store.put(`${deadLetterPrefix}/${id}`, body);
      await store.remove(key);
      return id;
    },
    remove: (key) => store.remove(key),
  };
}

async function listEntries(store: SpoolStore): Promise<readonly WaitingEntry[]> {
  const entries: WaitingEntry[] = [];
  for (let after: string | undefined; entries.length < maxListed;) {
    const page = await store.list({ prefix, limit: listedPerRequest, ...(after !== undefined && { after }) });
    for (const { key, sizeBytes } of page.objects) {
      const writtenAtMs = instantOfName(key.slice(prefix.length + 1));
      // What somebody else has put here is left alone.
      if (writtenAtMs !== undefined && sizeBytes <= maxEntryBytes) entries.push({ key, writtenAtMs, sizeBytes });
    }
    after = page.objects.at(-1)?.key;
    if (page.isComplete || after === undefined) break;
  }
  return entries;
}

/** @param entries oldest first */
export function totalsOf(entries: readonly WaitingEntry[], nowMs: number): WaitingTotals {
  const [oldest] = entries;
  return {
    entries: entries.length,
    bytes: entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    ageSeconds: oldest === undefined ? 0 : Math.max(0, Math.round((nowMs - oldest.writtenAtMs) / 1000)),
  };
}

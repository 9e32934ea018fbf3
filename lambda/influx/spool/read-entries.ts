import { noLines } from '../lines.ts';
import type { Lines } from '../lines.ts';
import { DamagedEntry } from './spool.ts';
import type { Spool, WaitingEntry } from './spool.ts';

/** An entry of the spool with its lines. */
export interface ReadEntry {
  readonly entry: WaitingEntry;
  /** None where another drainer has delivered it meanwhile. */
  readonly lines: Lines;
}

interface ReadEntries {
  /** In the order of the batch. */
  readonly read: readonly ReadEntry[];
  /** Those that cannot be read, and are dead letters now. */
  readonly aside: readonly WaitingEntry[];
}

interface ReadParts {
  readonly spool: Spool;
  readonly onFailure: (doing: string, error: unknown) => void;
  readonly onReplayed: (lines: { readonly delivered: number; readonly rejected: number }) => void;
  /** Entries that could not be read, as keys: this adds to them. */
  readonly passedOver: Set<string>;
}

/**
 * Reads entries, and puts aside what is damaged; where that fails they stay, and hold nothing up.
 * Rejects when the store does.
 */
export async function readEntries(batch: readonly WaitingEntry[], parts: ReadParts): Promise<ReadEntries> {
  const aside: WaitingEntry[] = [];
  const readings = batch.map(async (entry): Promise<readonly ReadEntry[]> => {
    try {
      return [{ entry, lines: (await parts.spool.read(entry.key)) ?? noLines }];
    } catch (error) {
      if (!(error instanceof DamagedEntry)) throw error;
      if (await setAside(entry, error, parts)) aside.push(entry);
      return [];
    }
  });
  return { read: (await Promise.all(readings)).flat(), aside };
}

/** @returns false where it has to stay for now */
async function setAside(entry: WaitingEntry, damaged: DamagedEntry, parts: ReadParts): Promise<boolean> {
  const { spool, onFailure, onReplayed, passedOver } = parts;
  passedOver.add(entry.key);
  try {
    const id = await spool.setAside(entry, damaged);
    if (id === undefined) return true;
    onReplayed({ delivered: 0, rejected: 1 });
    onFailure('reading an entry of the spool', new Error(`${damaged.message}; it is dead letter ${id} now`));
    return true;
  } catch (error) {
    onFailure('putting a damaged entry of the spool aside', error);
    return false;
  }
}

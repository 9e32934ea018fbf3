import type { Clock } from '../runtime/clock.ts';
import { inTime } from '../runtime/in-time.ts';
import type { DeadLetters, Refusal } from './dead-letters.ts';
import type { Spool } from './spool.ts';
import type { WriteAnswer } from './write-answer.ts';

/** As much as one request to InfluxDB holds. */
const maxLinesPerEntry = 5_000;
/** For a store that hangs, however much is to be kept. What it does later does no harm: the lines are written again, or were not given up. */
const keepDeadlineMs = 5_000;

/** Where lines go that InfluxDB does not take. */
export interface Keeping {
  readonly spool: Spool;
  readonly deadLetters: DeadLetters;
}

/** Something that an operator should know about. */
export interface DeliveryTrouble {
  /** Undefined where the store is the trouble. */
  readonly answer: WriteAnswer | undefined;
  readonly lines: number;
  readonly error?: unknown;
}

export interface KeeperParts {
  /** Undefined where there is none: then nothing can be kept, and of refusals is only told. */
  readonly keeping: Keeping | undefined;
  readonly clock: Clock;
  readonly told: (trouble: DeliveryTrouble) => void;
}

/** Keeps lines, and tells of it. Nothing rejects; each answers with the lines that could not be kept. */
export interface Keeper {
  /** Until InfluxDB takes them. */
  spool(lines: readonly string[]): Promise<readonly string[]>;
  /** Until a person decides. */
  bury(refusals: readonly Refusal[]): Promise<readonly string[]>;
}

export function createKeeper({ keeping, clock, told }: KeeperParts): Keeper {
  const unlessKept = async (lines: readonly string[], work: Promise<void>): Promise<readonly string[]> => {
    try {
      await inTime(clock, keepDeadlineMs, work);
      return [];
    } catch (error) {
      told({ answer: undefined, lines: lines.length, error });
      return lines;
    }
  };
  return {
    async spool(lines) {
      if (keeping === undefined) return lines;
      const puts: Promise<readonly string[]>[] = [];
      for (let start = 0; start < lines.length; start += maxLinesPerEntry) {
        const chunk = lines.slice(start, start + maxLinesPerEntry);
        puts.push(unlessKept(chunk, keeping.spool.put(chunk, clock.now())));
      }
      return (await Promise.all(puts)).flat();
    },
    async bury(refusals) {
      const adds: Promise<readonly string[]>[] = [];
      for (const refusal of refusals) {
        const { lines, status, reason } = refusal;
        told({ answer: { outcome: 'rejected', reason, ...(status !== undefined && { status }) }, lines: lines.length });
        if (keeping !== undefined) adds.push(unlessKept(lines, keeping.deadLetters.add(refusal, clock.now())));
      }
      return (await Promise.all(adds)).flat();
    },
  };
}

import { separateLines } from '../lines.ts';
import type { Lines } from '../lines.ts';
import { cut } from '../points/normal-form.ts';
import type { Rejection } from '../spool/dead-letters.ts';
import type { NotWritten } from './write-answer.ts';

/** Gathers rejected lines by what InfluxDB said: a wrong type in every sample is one dead letter, not a hundred. */
export interface Rejections {
  add(lines: Lines, answer: NotWritten): void;
  /** At most ten, however many reasons there were. */
  all(): readonly Rejection[];
}

/** Where one delivery is rejected for more kinds of reason than this, the last dead letter holds all the others. */
const maxKinds = 10;
/** Leaves room within a reason's 300 characters to say that there are others. */
const maxLastReason = 280;

interface Gathered {
  readonly lines: string[];
  readonly status: number | undefined;
  reason: string;
}

export function createRejections(): Rejections {
  const byKind = new Map<string, Gathered>();
  let others: Gathered | undefined;
  const gatheredFor = ({ status, reason }: NotWritten): Gathered => {
    const kind = `${status} ${kindOfReason(reason)}`;
    const known = byKind.get(kind) ?? others;
    if (known !== undefined) return known;
    const isLast = byKind.size + 1 === maxKinds;
    const made = { lines: [], status, reason };
    if (isLast) others = made;
    byKind.set(kind, made);
    return made;
  };
  return {
    add(lines, answer) {
      const gathered = gatheredFor(answer);
      if (gathered === others && kindOfReason(gathered.reason) !== kindOfReason(answer.reason)) {
        gathered.reason = andOthers(gathered.reason);
      }
      gathered.lines.push(...separateLines(lines));
    },
    all: () => [...byKind.values()],
  };
}

const otherReasons = ' (and other reasons)';

function andOthers(reason: string): string {
  return reason.endsWith(otherReasons) ? reason : cut(reason, maxLastReason) + otherReasons;
}

/**
 * A reason without what is another one each time: the line, the tag's value, the points' names and times, and counts.
 * Names of fields and measurements stay, which are in quotes.
 */
function kindOfReason(reason: string): string {
  return reason
    .replace(/(?<=unable to parse )'.*'(?=: |$)/s, '…')
    .replace(/(?<=\bvalue=)".*/s, '…')
    .replace(/(?<=\b(?:oldest|newest) point ).*?(?= dropped because| due to|, newest point|$)/gs, '…')
    .replace(/"[^"]*"|'[^']*'|\b\d[\d.:TZ+-]*/g, (part) => (/^\d/.test(part) ? '0' : part));
}

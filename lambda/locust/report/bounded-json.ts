import { reportLimits as limits } from './limits.ts';
import { JsonTrimmer } from './trim-json.ts';
import type { Cuts } from './trim-json.ts';

/** JSON within all limits. `value` is undefined where it is no JSON; `start` is its first character, spaces left out. */
export type BoundedJson =
  | { readonly ok: true; readonly value: unknown; readonly start: string; readonly cuts: Cuts }
  | { readonly ok: false; readonly reason: 'too-many-values' | 'too-large' };

/**
 * An answer up to this size is held as it comes and parsed by the engine in one go, which costs a fifth of trimming it:
 * 500 rows are about 300 kB. Whatever such an answer holds, parsing it takes a few ms and some 20 MB.
 */
const wholeBytes = 512 * 1024;
const noCuts: Cuts = { maxTextBytes: 0, maxRows: 0, maxKeys: 0, maxDepth: 0 };

/**
 * Reads JSON that comes in pieces. Only what is large, beyond a limit, or not quite JSON goes through the trimmer; of
 * what is within all limits the trimmer would leave everything as it is.
 */
export class BoundedJsonReader {
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #trimmer: JsonTrimmer | undefined;

  /** Takes the next piece, which must not change afterwards. */
  push(piece: Uint8Array): void {
    if (this.#trimmer !== undefined) {
      this.#trimmer.push(piece);
      return;
    }
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    if (this.#bytes > wholeBytes) this.#startTrimming();
  }

  /** How many bytes it holds now. */
  get heldBytes(): number {
    return this.#trimmer?.heldBytes ?? this.#bytes;
  }

  /** What was read, when all pieces have come. */
  end(): BoundedJson {
    if (this.#trimmer === undefined) {
      const text = textOf(this.#pieces);
      const value = parsed(text);
      if (isWithinLimits(value)) return { ok: true, value, start: text.trimStart().charAt(0), cuts: noCuts };
    }
    const trimmed = (this.#trimmer ?? this.#startTrimming()).end();
    return trimmed.ok ? { ok: true, value: parsed(trimmed.json), start: trimmed.start, cuts: trimmed.cuts } : trimmed;
  }

  #startTrimming(): JsonTrimmer {
    this.#trimmer = new JsonTrimmer();
    for (const piece of this.#pieces.splice(0)) this.#trimmer.push(piece);
    return this.#trimmer;
  }
}

/** What comes in one piece is not copied. */
function textOf(pieces: readonly Uint8Array[]): string {
  const [first, second] = pieces;
  if (first === undefined || second !== undefined) return Buffer.concat(pieces).toString();
  return Buffer.from(first.buffer, first.byteOffset, first.length).toString();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** True for a report of the usual shape: lists of flat rows, nothing in it too long or too many. Stops at the first excess. */
function isWithinLimits(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  let values = 0;
  const isFlat = (row: unknown): boolean => {
    if (typeof row !== 'object' || row === null) return isShort(row);
    let keys = 0;
    for (const key in row) {
      keys += 1;
      const field = (row as Record<string, unknown>)[key];
      if (keys > limits.maxKeys || !isShort(key) || !isShort(field)) return false;
    }
    values += keys;
    return values <= limits.maxValues;
  };
  let keys = 0;
  for (const key in value) {
    keys += 1;
    const field = (value as Record<string, unknown>)[key];
    if (keys > limits.maxKeys || !isShort(key)) return false;
    if (Array.isArray(field) ? field.length > limits.maxRows || !field.every(isFlat) : !isFlat(field)) return false;
  }
  return true;
}

/** A number, word or text that is left as it is; what is nested here, or has lost digits, is left to the trimmer. */
function isShort(field: unknown): boolean {
  if (typeof field === 'number') return Math.abs(field) <= limits.maxFigure;
  if (typeof field === 'string') {
    // A UTF-16 unit takes at most three bytes.
    return field.length <= limits.maxTextBytes / 3 || Buffer.byteLength(field) <= limits.maxTextBytes;
  }
  return typeof field !== 'object' || field === null;
}

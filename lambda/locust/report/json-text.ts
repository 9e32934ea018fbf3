import { hash } from 'node:crypto';
import type { ByteSink } from './byte-sink.ts';

const quote = 0x22;
const backslash = 0x5c;
const letterU = 0x75;
const nine = 0x39;
/** `\u0061`: the longest that one byte is written. */
const escapeLength = 6;

/**
 * Copies one JSON text, given in pieces, into a sink. Of more than `maxBytes` (of UTF-8, escapes undone) the first are kept, with
 * `…` and eight hex digits of a hash, so that long texts with one beginning stay distinct (up to the 6 kB that are hashed).
 */
export class JsonText {
  readonly #sink: ByteSink;
  readonly #maxBytes: number;
  #start = 0;
  #isEscaped = false;
  #isKept = true;

  constructor(sink: ByteSink, maxBytes: number) {
    this.#sink = sink;
    this.#maxBytes = maxBytes;
  }

  /** Begins behind the opening quote. @param isKept false for a text that is only skipped */
  open(isKept: boolean): void {
    this.#isKept = isKept;
    this.#isEscaped = false;
    this.#start = this.#sink.length;
  }

  /** Reads on, and gives the position of the closing quote, or the piece's end where it has none. */
  read(bytes: Uint8Array, from: number): number {
    const { length } = bytes;
    let at = from;
    if (this.#isEscaped) at += 1;
    for (; at < length; at += 1) {
      const byte = bytes[at];
      if (byte === quote) break;
      if (byte === backslash) at += 1;
    }
    this.#isEscaped = at > length;
    const end = Math.min(at, length);
    // One byte more than is kept, to know that there is one.
    const room = (this.#maxBytes + 1) * escapeLength - (this.#sink.length - this.#start);
    if (this.#isKept && room > 0) this.#sink.append(bytes, from, Math.min(end, from + room));
    return end;
  }

  /** Ends the text. True when it was cut. */
  close(): boolean {
    if (!this.#isKept || this.#sink.length - this.#start <= this.#maxBytes) return false;
    const text = this.#sink.view(this.#start);
    const cutAt = endOfBytes(text, this.#maxBytes);
    if (cutAt >= text.length) return false;
    const mark = markOfCut(text);
    this.#sink.truncate(this.#start + cutAt);
    this.#sink.append(mark, 0, mark.length);
    return true;
  }
}

/** What stands in place of the rest of a text that is cut: texts that differ stay distinct by it. */
export function markOfCut(text: Uint8Array): Buffer {
  return Buffer.from(`…${hash('sha256', text).slice(0, 8)}`);
}

/** Where so many bytes of a JSON text end, at a whole character; the text's end when it has no more. */
function endOfBytes(text: Uint8Array, count: number): number {
  let at = text.includes(backslash) ? endOfEscaped(text, count) : Math.min(count, text.length);
  while (at > 0 && at < text.length && isInsideCharacter(text[at] ?? 0)) at -= 1;
  return at;
}

/** Whether a byte of UTF-8 is not its character's first. */
const isInsideCharacter = (byte: number): boolean => (byte & 0xc0) === 0x80;

/** The same of a text with escapes, but for what is not escaped: there it may be amid a character. */
function endOfEscaped(text: Uint8Array, count: number): number {
  let bytes = 0;
  let lastUnit = 0;
  for (let at = 0; at < text.length;) {
    const isUnit = text[at] === backslash && text[at + 1] === letterU;
    const unit = isUnit ? unitAt(text, at) : 0;
    bytes += bytesOf(unit);
    if (bytes > count) return isHighSurrogate(lastUnit) ? at - escapeLength : at;
    lastUnit = unit;
    at += isUnit ? escapeLength : text[at] === backslash ? 2 : 1;
  }
  return text.length;
}

/** The UTF-16 unit of the escape that begins here. */
function unitAt(text: Uint8Array, at: number): number {
  let unit = 0;
  for (let digit = at + 2; digit < at + escapeLength; digit += 1) unit = unit * 16 + hexDigit(text[digit] ?? 0);
  return unit;
}

/** Of `0` to `9`, `a` to `f`, `A` to `F`. */
const hexDigit = (byte: number): number => (byte & 0xf) + (byte > nine ? 9 : 0);

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;

/** What a unit takes in UTF-8: half of four for each half of a surrogate pair. */
function bytesOf(unit: number): number {
  if (unit < 0x80) return 1;
  return unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 2 : 3;
}

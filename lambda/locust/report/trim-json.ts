import { ByteSink } from './byte-sink.ts';
import { JsonText, markOfCut } from './json-text.ts';
import { reportLimits as limits } from './limits.ts';

/** How often something was cut off, by its limit. */
export type Cuts = Readonly<Record<'maxTextBytes' | 'maxRows' | 'maxKeys' | 'maxDepth', number>>;

/** JSON made small enough to be parsed; or why that cannot be. `start` is its first character, spaces left out. */
export type TrimmedJson =
  | { readonly ok: true; readonly json: string; readonly start: string; readonly cuts: Cuts }
  | { readonly ok: false; readonly reason: 'too-many-values' | 'too-large' };

const code = (character: string): number => character.charCodeAt(0);
const [quote, colon, comma] = [code('"'), code(':'), code(',')];
const [openBrace, closeBrace, openBracket, closeBracket] = [code('{'), code('}'), code('['), code(']')];
const [minus, nine, zero, space] = [code('-'), code('9'), code('0'), code(' ')];
const nothing = Buffer.from('null');
/** What Python writes for numbers that JSON does not have. Locust does when one response time is not finite. */
const bareTokens = ['NaN', 'Infinity', '-Infinity'].map((token) => Buffer.from(token));
const shortestBareToken = 3;
/** What a double counts exactly, and no whole number beyond it. */
const largestSafe = Buffer.from(String(Number.MAX_SAFE_INTEGER));
const shortestUnsafe = largestSafe.length;
/** Characters of a number that are looked at. Python writes no whole number of more digits. */
const maxDigits = 4_300;

const [tokenKind, spaceKind, structureKind] = [0, 1, 2];
/** What a byte is outside of texts: part of a number or word, a space, or structure. */
const kinds = new Uint8Array(256).fill(tokenKind).fill(spaceKind, 0, space + 1);
for (const byte of [quote, colon, comma, openBrace, closeBrace, openBracket, closeBracket]) kinds[byte] = structureKind;

/** One object or list that is open. */
interface Container {
  readonly limit: 'maxKeys' | 'maxRows';
  entries: number;
  /** Where the last entry within the limit ends. */
  keptTo: number;
}

/**
 * Makes JSON smaller while it comes, in one pass without recursion: long texts are cut, of too many entries the first
 * ones and the last are kept (the last row of `stats` is the total), what is nested too deep is null. Spaces go.
 * Python's `NaN` and `Infinity` become null. A whole number that would lose digits becomes a text: it is no figure, but
 * may be a name. What is no JSON stays none.
 */
export class JsonTrimmer {
  readonly #sink = new ByteSink();
  readonly #number = new Uint8Array(maxDigits + 1);
  readonly #text = new JsonText(this.#sink, limits.maxTextBytes);
  readonly #open: Container[] = [];
  readonly #cuts = { maxTextBytes: 0, maxRows: 0, maxKeys: 0, maxDepth: 0 };
  #inText = false;
  #inToken = false;
  #tokenStart = 0;
  /** How many objects and lists are open beyond the deepest that is read. */
  #skipped = 0;
  #values = 0;
  #tokens = 0;
  #start = 0;

  /** Takes the next piece. */
  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length && !this.#isHopeless();) {
      if (this.#inText) at = this.#readText(bytes, at);
      else if (this.#inToken) at = this.#readToken(bytes, at);
      else at = this.#readStructure(bytes, at);
    }
  }

  /** How many bytes it holds now. */
  get heldBytes(): number {
    return this.#sink.length;
  }

  /** What is left, when all pieces have come. */
  end(): TrimmedJson {
    if (this.#inToken) this.#endToken();
    if (this.#hasTooMuch()) return { ok: false, reason: 'too-many-values' };
    if (this.#sink.length > limits.maxKeptBytes) return { ok: false, reason: 'too-large' };
    const start = this.#start === 0 ? '' : String.fromCharCode(this.#start);
    return { ok: true, json: this.#sink.view().toString(), start, cuts: this.#cuts };
  }

  /** True when nothing that may still come makes a report of it; a page of HTML is read no further. */
  #isHopeless(): boolean {
    return this.#hasTooMuch() || this.#sink.length > limits.maxKeptBytes || this.#start === code('<');
  }

  #hasTooMuch(): boolean {
    return this.#values > limits.maxValues || this.#tokens > limits.maxTokens;
  }

  /** Each of these reads from a position on as far as it goes, and gives the position behind. */
  #readStructure(bytes: Uint8Array, at: number): number {
    const byte = bytes[at] ?? 0;
    const kind = kinds[byte];
    if (kind === spaceKind) return endOf(spaceKind, bytes, at);
    if (this.#start === 0) this.#start = byte;
    this.#tokens += 1;
    if (kind === tokenKind) this.#openToken();
    else if (byte === quote) this.#openText();
    else {
      this.#takeBracket(byte);
      return at + 1;
    }
    return byte === quote ? at + 1 : at;
  }

  #readText(bytes: Uint8Array, from: number): number {
    const at = this.#text.read(bytes, from);
    if (at < bytes.length) this.#closeText();
    return at + 1;
  }

  #readToken(bytes: Uint8Array, from: number): number {
    const at = endOf(tokenKind, bytes, from);
    const room = maxDigits + 1 - (this.#sink.length - this.#tokenStart);
    if (this.#skipped === 0 && room > 0) this.#sink.append(bytes, from, Math.min(at, from + room));
    if (at < bytes.length) this.#endToken();
    return at;
  }

  #openText(): void {
    this.#inText = true;
    if (this.#skipped === 0) this.#sink.appendByte(quote);
    this.#text.open(this.#skipped === 0);
  }

  #closeText(): void {
    this.#inText = false;
    if (this.#text.close()) this.#cuts.maxTextBytes += 1;
    if (this.#skipped === 0) this.#sink.appendByte(quote);
  }

  #openToken(): void {
    this.#inToken = true;
    this.#tokenStart = this.#sink.length;
  }

  #endToken(): void {
    this.#inToken = false;
    if (this.#skipped > 0) return;
    const length = this.#sink.length - this.#tokenStart;
    if (length < shortestBareToken) return;
    const token = this.#sink.view(this.#tokenStart);
    const first = token[0] ?? 0;
    const isNumber = first === minus || (first >= zero && first <= nine);
    if (isNumber && length >= shortestUnsafe && this.#quoteWholeNumber(token)) return;
    const isBare = !(first >= zero && first <= nine) && bareTokens.some((bare) => bare.equals(token));
    if (isBare || (isNumber && length > limits.maxNumberLength)) {
      this.#sink.truncate(this.#tokenStart);
      this.#sink.append(nothing, 0, nothing.length);
    }
  }

  /** False for a number that is not whole, or that JavaScript reads as it is. */
  #quoteWholeNumber(token: Uint8Array): boolean {
    for (let at = 1; at < token.length; at += 1) {
      const byte = token[at] ?? 0;
      if (byte < zero || byte > nine) return false;
    }
    if (!losesDigits(token)) return false;
    const { length } = token;
    // What follows is written over it.
    this.#number.set(token);
    const digits = this.#number.subarray(0, length);
    this.#sink.truncate(this.#tokenStart);
    this.#sink.appendByte(quote);
    this.#sink.append(digits, 0, Math.min(length, limits.maxTextBytes));
    if (length > limits.maxTextBytes) {
      const mark = markOfCut(digits);
      this.#sink.append(mark, 0, mark.length);
      this.#cuts.maxTextBytes += 1;
    }
    this.#sink.appendByte(quote);
    return true;
  }

  #takeBracket(byte: number): void {
    if (byte === openBrace || byte === openBracket) this.#openContainer(byte);
    else if (byte === closeBrace || byte === closeBracket) this.#closeContainer(byte);
    else if (byte === comma) this.#nextEntry();
    else if (this.#skipped === 0) this.#sink.appendByte(colon);
  }

  #openContainer(byte: number): void {
    if (this.#skipped > 0) {
      this.#skipped += 1;
      return;
    }
    this.#values += 1;
    if (this.#open.length === limits.maxDepth) {
      this.#skipped = 1;
      this.#cuts.maxDepth += 1;
      this.#sink.append(nothing, 0, nothing.length);
    } else {
      this.#open.push({ limit: byte === openBrace ? 'maxKeys' : 'maxRows', entries: 1, keptTo: 0 });
      this.#sink.appendByte(byte);
    }
  }

  #closeContainer(byte: number): void {
    if (this.#skipped > 0) this.#skipped -= 1;
    else {
      this.#open.pop();
      this.#sink.appendByte(byte);
    }
  }

  #nextEntry(): void {
    if (this.#skipped > 0) return;
    this.#values += 1;
    const container = this.#open.at(-1);
    if (container !== undefined) {
      const max = limits[container.limit];
      if (container.entries === max) container.keptTo = this.#sink.length;
      if (container.entries > max) {
        this.#sink.truncate(container.keptTo);
        this.#cuts[container.limit] += 1;
      }
      container.entries += 1;
    }
    this.#sink.appendByte(comma);
  }
}

/** Where bytes of one kind end. */
function endOf(kind: number, bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && kinds[bytes[at] ?? 0] === kind) at += 1;
  return at;
}

/** Whether JavaScript reads a whole number as another one. Looks at bytes, since there may be a million of them. */
function losesDigits(number: Uint8Array): boolean {
  const from = number[0] === minus ? 1 : 0;
  const count = number.length - from;
  if (count !== shortestUnsafe) return count > shortestUnsafe;
  for (let at = 0; at < count; at += 1) {
    const difference = (number[from + at] ?? 0) - (largestSafe[at] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

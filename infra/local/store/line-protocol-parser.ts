/** A field's value with the type that InfluxDB gives it. */
type ParsedValue =
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'integer'; readonly value: bigint }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string };

/** What a line says, unescaped. */
export interface ParsedLine {
  readonly measurement: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly fields: ReadonlyMap<string, ParsedValue>;
  /** In the precision of the request, undefined when the line has none. */
  readonly timestamp: bigint | undefined;
}

/** Why a line is no line protocol. */
export class LineError extends Error {
  override readonly name = 'LineError';
}

/** A series' key may take this many bytes in InfluxDB. */
const maxSeriesBytes = 65_535;
const refusedTagKeys = new Set(['time', '_field', '_measurement']);
const float = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const integer = /^[+-]?\d+i$/;
const booleans = new Map([
  ...['t', 'T', 'true', 'True', 'TRUE'].map((text) => [text, true] as const),
  ...['f', 'F', 'false', 'False', 'FALSE'].map((text) => [text, false] as const),
]);

/**
 * Parses one line of line protocol. It is stricter than InfluxDB: whatever InfluxDB's versions read in different ways,
 * or drop without a word, is an error: a backslash outside strings before anything but `,`, `=` or space, control
 * characters in names and tags, a tag or field that comes twice, a field named `time`, unsigned integers, NaN.
 * A string may hold any character, line breaks too.
 * @param line without the line break that ends it, without spaces around it
 * @throws LineError that says what is wrong and at which column (UTF-16 units, from 1)
 */
export function parseLine(line: string): ParsedLine {
  const half = /\p{Cs}/u.exec(line);
  if (half !== null) throw wrong('half a surrogate pair', half.index);
  const measurement = readName(line, 0, { what: 'measurement', ends: ', ', escapes: ', ' });
  const { tags, end } = readTags(line, measurement.end);
  if (Buffer.byteLength(line.slice(0, end)) > maxSeriesBytes) {
    throw wrong(`measurement and tags of more than ${maxSeriesBytes} bytes`, maxSeriesBytes);
  }
  if (line[end] !== ' ') throw wrong('no fields', end);
  const { fields, end: fieldsEnd } = readFields(line, end + 1);
  return { measurement: measurement.text, tags, fields, timestamp: readTimestamp(line, fieldsEnd) };
}

function readTags(line: string, start: number): { tags: Map<string, string>; end: number } {
  const tags = new Map<string, string>();
  let at = start;
  while (line[at] === ',') {
    const key = readName(line, at + 1, { what: 'tag key', ends: '=', escapes: ',= ' });
    if (refusedTagKeys.has(key.text)) throw wrong(`tag key ${key.text}, which InfluxDB keeps for itself`, at + 1);
    if (tags.has(key.text)) throw wrong(`tag ${key.text} a second time`, at + 1);
    const value = readName(line, key.end + 1, { what: 'tag value', ends: ', ', escapes: ',= ' });
    tags.set(key.text, value.text);
    at = value.end;
  }
  return { tags, end: at };
}

function readFields(line: string, start: number): { fields: Map<string, ParsedValue>; end: number } {
  const fields = new Map<string, ParsedValue>();
  for (let at = start; ; at += 1) {
    const key = readName(line, at, { what: 'field key', ends: '=', escapes: ',= ' });
    if (key.text === 'time') throw wrong('field time, which InfluxDB drops', at);
    if (fields.has(key.text)) throw wrong(`field ${key.text} a second time`, at);
    const value = line[key.end + 1] === '"' ? readString(line, key.end + 1) : readBareValue(line, key.end + 1);
    fields.set(key.text, value.parsed);
    at = value.end;
    if (line[at] !== ',') return { fields, end: at };
  }
}

interface NameSyntax {
  readonly what: string;
  /** The characters that end it. */
  readonly ends: string;
  /** The characters that may, and inside it must, stand behind a backslash. */
  readonly escapes: string;
}

function readName(line: string, start: number, { what, ends, escapes }: NameSyntax): { text: string; end: number } {
  let text = '';
  let at = start;
  for (; at < line.length && !ends.includes(line.charAt(at)); at += 1) {
    const character = line.charAt(at);
    if (character === '\\') {
      at += 1;
      if (at >= line.length || !escapes.includes(line.charAt(at))) throw wrong(`stray backslash in a ${what}`, at - 1);
      text += line.charAt(at);
      continue;
    }
    if (escapes.includes(character)) throw wrong(`unescaped "${character}" in a ${what}`, at);
    if (/\p{Cc}/u.test(character)) throw wrong(`control character in a ${what}`, at);
    text += character;
  }
  if (text === '') throw wrong(`empty ${what}`, start);
  if (ends === '=' && at >= line.length) throw wrong(`${what} without a value`, start);
  return { text, end: at };
}

function readString(line: string, start: number): { parsed: ParsedValue; end: number } {
  let value = '';
  for (let at = start + 1; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (character === '"') return { parsed: { type: 'string', value }, end: at + 1 };
    const isEscape = character === '\\' && (line[at + 1] === '"' || line[at + 1] === '\\');
    if (isEscape) at += 1;
    value += line.charAt(at);
  }
  throw wrong('string without an end', start);
}

function readBareValue(line: string, start: number): { parsed: ParsedValue; end: number } {
  const text = /^[^, ]*/.exec(line.slice(start))?.[0] ?? '';
  const end = start + text.length;
  const boolean = booleans.get(text);
  if (boolean !== undefined) return { parsed: { type: 'boolean', value: boolean }, end };
  if (integer.test(text)) {
    const value = BigInt(text.slice(text.startsWith('+') ? 1 : 0, -1));
    if (BigInt.asIntN(64, value) !== value) throw wrong('integer beyond 64 bits', start);
    return { parsed: { type: 'integer', value }, end };
  }
  const value = Number(text);
  if (!float.test(text) || !Number.isFinite(value)) throw wrong(text === '' ? 'no value' : 'unknown value', start);
  return { parsed: { type: 'float', value }, end };
}

function readTimestamp(line: string, start: number): bigint | undefined {
  if (start === line.length) return undefined;
  if (line[start] !== ' ') throw wrong('something behind a value', start);
  const text = line.slice(start + 1);
  if (!/^-?\d{1,19}$/.test(text)) throw wrong('unknown timestamp', start + 1);
  const timestamp = BigInt(text);
  if (BigInt.asIntN(64, timestamp) !== timestamp) throw wrong('timestamp beyond 64 bits', start + 1);
  return timestamp;
}

function wrong(what: string, at: number): LineError {
  return new LineError(`${what} at column ${at + 1}`);
}

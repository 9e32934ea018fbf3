import { LineError, type ParsedLine, parseLine } from './line-protocol-parser.ts';
import { splitLines } from './line-scanner.ts';

const nanosecondsPer = { ns: 1n, us: 1_000n, ms: 1_000_000n, s: 1_000_000_000n } as const;
const nanosecondsPerMs = nanosecondsPer.ms;

/** The range of InfluxDB's timestamps, ns: those of 64 bits but for a few at the ends that it keeps for itself. */
const minNs = -(2n ** 63n) + 2n;
const maxNs = 2n ** 63n - 2n;

export type Precision = keyof typeof nanosecondsPer;

export const isPrecision = (text: string): text is Precision => Object.hasOwn(nanosecondsPer, text);

/** The type that each field of each measurement was first written with. Grows with what is read. */
export type FieldTypes = Map<string, Map<string, string>>;

export interface LineBatch {
  /** The good lines by their UTC day, `YYYY-MM-DD`, each with its timestamp in ns and a line break. */
  readonly linesByDay: ReadonlyMap<string, string>;
  readonly stored: number;
  /** One text for each malformed line, with its number in the body (from 1), what is wrong, and where. */
  readonly malformed: readonly string[];
  /** One text for each line with a field that already has another type. */
  readonly conflicts: readonly string[];
}

export interface ReadingOptions {
  readonly precision: Precision;
  /** The timestamp, ms, of lines that have none. */
  readonly nowMs: number;
  readonly fieldTypes: FieldTypes;
}

/** Sorts a body's lines into good and bad ones; empty lines and comments are neither. */
export function readLines(body: Uint8Array, options: ReadingOptions): LineBatch {
  const linesByDay = new Map<string, string[]>();
  const malformed: string[] = [];
  const conflicts: string[] = [];
  let stored = 0;
  for (const { number, bytes } of numberedLines(body)) {
    try {
      const line = storedLine(bytes, options);
      if (line === undefined) continue;
      const ofDay = linesByDay.get(line.day) ?? [];
      ofDay.push(line.text);
      linesByDay.set(line.day, ofDay);
      stored += 1;
    } catch (error) {
      if (error instanceof TypeConflict) conflicts.push(`line ${number}: ${error.message}`);
      else if (error instanceof LineError) malformed.push(`line ${number}: ${error.message}`);
      else throw error;
    }
  }
  const joined = new Map([...linesByDay].map(([day, lines]) => [day, lines.join('')]));
  return { linesByDay: joined, stored, malformed, conflicts };
}

/** A field of the line was written with another type before. */
class TypeConflict extends Error {
  override readonly name = 'TypeConflict';
}

/** A line's number is that of its first row: a quoted value may run over several. */
function* numberedLines(body: Uint8Array): Generator<{ number: number; bytes: Uint8Array }> {
  let number = 1;
  for (const bytes of splitLines(body)) {
    yield { number, bytes };
    number += 1;
    for (const byte of bytes) if (byte === 0x0a) number += 1;
  }
}

/**
 * The line as it is kept; undefined for an empty one and for a comment.
 * @throws LineError when it is malformed, TypeConflict when a field has another type already
 */
function storedLine(bytes: Uint8Array, options: ReadingOptions): { day: string; text: string } | undefined {
  const line = decode(bytes);
  if (line === '' || line.startsWith('#')) return undefined;
  const parsed = parseLine(line);
  const instantNs =
    parsed.timestamp === undefined
      ? BigInt(Math.floor(options.nowMs)) * nanosecondsPerMs
      : parsed.timestamp * nanosecondsPer[options.precision];
  if (instantNs < minNs || instantNs > maxNs) throw new LineError('the timestamp is out of range for the precision');
  keepFieldTypes(parsed, options.fieldTypes);
  const series = parsed.timestamp === undefined ? line : line.replace(/ +-?\d+$/, '');
  return { day: utcDay(instantNs), text: `${series} ${instantNs}\n` };
}

function decode(bytes: Uint8Array): string {
  try {
    // InfluxDB takes spaces around a line, and the carriage return of a Windows line break.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes).replace(/^ +|[ \r]+$/g, '');
  } catch (error) {
    throw new LineError('it is not UTF-8', { cause: error });
  }
}

/** Notes the types of fields that are new; a line with one conflict changes nothing. */
function keepFieldTypes({ measurement, fields }: ParsedLine, fieldTypes: FieldTypes): void {
  const known = fieldTypes.get(measurement) ?? new Map<string, string>();
  for (const [key, { type }] of fields) {
    const before = known.get(key) ?? type;
    if (before === type) continue;
    const field = `input field "${key}" on measurement "${measurement}"`;
    throw new TypeConflict(`${field} is type ${type}, already exists as type ${before}`);
  }
  for (const [key, { type }] of fields) known.set(key, type);
  fieldTypes.set(measurement, known);
}

function utcDay(instantNs: bigint): string {
  const instantMs = instantNs / nanosecondsPerMs - (instantNs % nanosecondsPerMs < 0n ? 1n : 0n);
  return new Date(Number(instantMs)).toISOString().slice(0, 10);
}

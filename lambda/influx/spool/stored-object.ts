import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';

/** The folder of what waits for InfluxDB. */
export const waitingPrefix = 'waiting';
/** The folder of what a person has to decide on. On S3 a rule of the bucket removes what has been there for 30 days. */
export const deadLetterPrefix = 'rejected';

/** The digits of an instant in ISO 8601's basic form, `20261122T140510.250Z`: without colons it is a file's name too. */
const instantPattern = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d\.\d{3}Z)-[0-9a-f]{16}$/;

/** Far more than is ever packed at once: 5,000 lines are a few MB. A bomb costs no more memory than that. */
const maxUnpackedBytes = 128 * 1024 * 1024;

/** What is the bytes' own fault; memory that is short is not. */
const reasons: ReadonlyMap<unknown, string> = new Map([
  ['ERR_BUFFER_TOO_LARGE', `it unpacks to more than ${maxUnpackedBytes} bytes`],
  ['Z_BUF_ERROR', 'it is cut off'],
  ['Z_DATA_ERROR', 'its bytes are not those that were written'],
  ['Z_NEED_DICT', 'its bytes are not those that were written'],
]);

/** Bytes that are not what was stored. `message` says why, and nothing of what they are. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** The name under which an object is stored: its instant, so that names order by time, and a hash of what it is. */
export function objectName(atMs: number, content: string | Buffer): string {
  const instant = new Date(atMs).toISOString().replace(/[-:]/g, '');
  return `${instant}-${createHash('sha256').update(content).digest('hex').slice(0, 16)}`;
}

/** The instant in an object's name, ms; undefined for what is no such name. */
export function instantOfName(name: string): number | undefined {
  const iso = name.replace(instantPattern, '$1-$2-$3T$4:$5:$6');
  return iso === name || Number.isNaN(Date.parse(iso)) ? undefined : Date.parse(iso);
}

/** A text as it is stored: gzip. */
export function packText(text: string): Buffer {
  return gzipSync(text);
}

/**
 * The text of an object that was stored.
 * @throws Unreadable for what is no gzip, and beyond 128 MiB unpacked
 */
export function unpackText(body: Buffer): string {
  try {
    return gunzipSync(body, { maxOutputLength: maxUnpackedBytes }).toString();
  } catch (cause) {
    const reason = reasonOf(body, cause);
    throw reason === undefined ? cause : new Unreadable(reason, { cause });
  }
}

function reasonOf(body: Buffer, error: unknown): string | undefined {
  if (body.length === 0) return 'it is empty';
  if (body[0] !== 0x1f || body[1] !== 0x8b) return 'it is not gzip';
  return error instanceof Error && 'code' in error ? reasons.get(error.code) : undefined;
}

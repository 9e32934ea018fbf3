import { gunzipSync } from 'node:zlib';

/** Far more than is ever packed at once: 5,000 lines are a few MB. A bomb costs no more memory than that. */
const maxUnpackedBytes = 128 * 1024 * 1024;

/** What is the bytes' own fault; memory that is short is not. */
const reasons: ReadonlyMap<unknown, string> = new Map([
  ['ERR_BUFFER_TOO_LARGE', `it unpacks to more than ${maxUnpackedBytes} bytes`],
  ['Z_BUF_ERROR', 'it is cut off'],
  ['Z_DATA_ERROR', 'its bytes are not those that were written'],
  ['Z_NEED_DICT', 'its bytes are not those that were written'],
]);

/** Bytes that are not what was kept. `message` says why, and nothing of what they are. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/**
 * The text of an object that was kept, which is gzip.
 * @throws Unreadable for anything else, and beyond 128 MiB unpacked
 */
export function unpack(body: Buffer): string {
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

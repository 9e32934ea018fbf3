import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';

/** A body decoded, or why not: `too-large` beyond the limit, `unreadable` for damaged data or an unknown encoding. */
export type Decoded =
  { readonly ok: true; readonly body: Buffer } | { readonly ok: false; readonly reason: 'too-large' | 'unreadable' };

type Decoder = (body: Buffer, options: { maxOutputLength: number }) => Buffer;

const decoders: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ['gzip', gunzipSync],
  ['x-gzip', gunzipSync],
  // Some servers send the bare stream under this name; the zlib format always starts with method 8.
  ['deflate', (body, options) => (((body[0] ?? 0) & 0x0f) === 8 ? inflateSync : inflateRawSync)(body, options)],
  ['br', brotliDecompressSync],
]);

/**
 * Undoes one content encoding, up to `maxBytes` of output; a bomb costs no more memory than that.
 * In one go on this thread: a report takes about a millisecond, and zlib's other form waits behind name resolutions
 * in the same thread pool.
 */
export function decodeBody(body: Buffer, contentEncoding: string | undefined, maxBytes: number): Decoded {
  const encoding = contentEncoding?.trim().toLowerCase() ?? '';
  if (encoding === '' || encoding === 'identity') return { ok: true, body };
  const decode = decoders.get(encoding);
  if (decode === undefined) return { ok: false, reason: 'unreadable' };
  try {
    return { ok: true, body: decode(body, { maxOutputLength: maxBytes }) };
  } catch (error) {
    const overLimit = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    return { ok: false, reason: overLimit ? 'too-large' : 'unreadable' };
  }
}

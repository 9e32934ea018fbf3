import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import type { Transform } from 'node:stream';

/** How decoding ended: `too-large` beyond the limit, `unreadable` for damaged data or an unknown encoding. */
export type Decoded = 'whole' | 'too-large' | 'unreadable';

const chunkSize = 64 * 1024;

const decoders: ReadonlyMap<string, (body: Buffer) => Transform> = new Map<string, (body: Buffer) => Transform>([
  ['gzip', () => createGunzip({ chunkSize })],
  ['x-gzip', () => createGunzip({ chunkSize })],
  // Some servers send the bare stream under this name; the zlib format always starts with method 8.
  ['deflate', (body) => (((body[0] ?? 0) & 0x0f) === 8 ? createInflate : createInflateRaw)({ chunkSize })],
  ['br', () => createBrotliDecompress({ chunkSize })],
]);

/**
 * Undoes one content encoding, up to `maxBytes` of output, and hands it over piece by piece: a bomb costs no more
 * memory than one of them. Never rejects for what is in the body.
 */
export async function decodeBody(
  body: Buffer,
  {
    contentEncoding,
    maxBytes,
    take,
  }: {
    readonly contentEncoding: string | undefined;
    readonly maxBytes: number;
    readonly take: (piece: Buffer) => void;
  },
): Promise<Decoded> {
  const encoding = contentEncoding?.trim().toLowerCase() ?? '';
  if (encoding === '' || encoding === 'identity') {
    take(body);
    return 'whole';
  }
  const decoder = decoders.get(encoding)?.(body);
  if (decoder === undefined || body.length === 0) return 'unreadable';
  decoder.end(body);
  try {
    let size = 0;
    for await (const piece of decoder as AsyncIterable<Buffer>) {
      size += piece.length;
      if (size > maxBytes) return 'too-large';
      take(piece);
    }
    return 'whole';
  } catch {
    return 'unreadable';
  }
}

import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { WriteRefused } from './write-refused.ts';

const unzip = promisify(gunzip);

/**
 * The body of a write request, unpacked when it is gzip.
 * @param maxBytes the most that is read, and the most that it may unpack to
 * @throws WriteRefused 413 beyond `maxBytes`, 400 for an encoding other than gzip or for broken gzip
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const packed = await readBytes(request, maxBytes);
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return packed;
  if (encoding !== 'gzip')
    throw new WriteRefused(400, 'invalid', `content-encoding ${encoding} is not known; use gzip`);
  try {
    return await unzip(packed, { maxOutputLength: maxBytes });
  } catch (error) {
    const isTooLarge = error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    if (isTooLarge) throw tooLarge(maxBytes);
    throw new WriteRefused(400, 'invalid', 'the body is not valid gzip', { cause: error });
  }
}

async function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // The rest is read and dropped, so that the sender gets to see the answer.
    if (size <= maxBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (size > maxBytes) throw tooLarge(maxBytes);
  return Buffer.concat(chunks);
}

const tooLarge = (maxBytes: number): WriteRefused =>
  new WriteRefused(413, 'request too large', `cannot read data: at most ${maxBytes} bytes a request, unpacked as well`);

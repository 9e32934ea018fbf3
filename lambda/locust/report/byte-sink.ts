const firstBytes = 64 * 1024;
const shortBytes = 100;

/** Bytes that grow at their end, and can be taken back from there. */
export class ByteSink {
  #bytes = Buffer.allocUnsafe(firstBytes);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Adds what stands from `from` to before `to`. */
  append(source: Uint8Array, from: number, to: number): void {
    this.#makeRoom(to - from);
    const bytes = this.#bytes;
    let length = this.#length;
    // A copy by the engine costs as much as a hundred bytes one by one, and most pieces are shorter.
    if (to - from > shortBytes) bytes.set(source.subarray(from, to), length);
    else for (let at = from; at < to; at += 1, length += 1) bytes[length] = source[at] ?? 0;
    this.#length += to - from;
  }

  appendByte(byte: number): void {
    this.#makeRoom(1);
    this.#bytes[this.#length] = byte;
    this.#length += 1;
  }

  /** Takes back what was added since the length was `length`. */
  truncate(length: number): void {
    this.#length = Math.min(this.#length, length);
  }

  /** What stands there now, valid until the next change. */
  view(from = 0): Buffer {
    return this.#bytes.subarray(from, this.#length);
  }

  #makeRoom(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

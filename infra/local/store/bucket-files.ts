import { createReadStream } from 'node:fs';
import { open, readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { createLineScanner } from './line-scanner.ts';
import { makeOwnerFolder, ownerOnly } from './owner-only-file.ts';

/** The day files of one bucket: `<YYYY-MM-DD>.lp`, line protocol with timestamps in ns, by the lines' own days (UTC). */
export interface BucketFiles {
  /**
   * Appends whole lines, each with its line break, to the files of their days. One call at a time touches the files, and
   * each file gets its lines in one write: they are in the system's hands, though not forced to the disk, when this
   * resolves. When a write fails, for want of room say, that file is left as it was before.
   */
  append(linesByDay: ReadonlyMap<string, string>): Promise<void>;
  /** Resolves when what was handed over is written. */
  settled(): Promise<void>;
}

/** Opens a bucket's folder, making it when missing. What a killed process left of a line is cut off first. */
export async function openBucketFiles(folder: string): Promise<BucketFiles> {
  await makeOwnerFolder(folder);
  await cutTornLines(folder);
  let last = Promise.resolve();
  return {
    append(linesByDay) {
      const done = last.then(async () => {
        for (const [day, lines] of linesByDay) await appendWhole(join(folder, `${day}.lp`), lines);
      });
      last = done.catch(() => undefined);
      return done;
    },
    settled: () => last,
  };
}

async function appendWhole(path: string, lines: string): Promise<void> {
  const file = await open(path, 'a', ownerOnly);
  try {
    const { size } = await file.stat();
    try {
      const bytes = Buffer.from(lines);
      // One write usually takes all.
      for (let from = 0; from < bytes.length;) from += (await file.write(bytes, from)).bytesWritten;
    } catch (error) {
      await file.truncate(size);
      throw error;
    }
  } finally {
    await file.close();
  }
}

/**
 * A kill in the middle of a write leaves the beginning of a line. No sender was told that it is stored, so it is removed.
 * Files are written one at a time, so only the newest may be torn at a line break that belongs to a quoted value;
 * others are read through only when they do not end in a line break.
 */
async function cutTornLines(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.lp'));
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const { size, mtimeMs } = await stat(path);
      return { path, size, mtimeMs };
    }),
  );
  const newestAtMs = Math.max(...files.map(({ mtimeMs }) => mtimeMs));
  for (const { path, size, mtimeMs } of files) {
    if (size === 0 || (mtimeMs < newestAtMs && (await endsInLineBreak(path, size)))) continue;
    const wholeBytes = await endOfLastWholeLine(path);
    if (wholeBytes < size) await truncate(path, wholeBytes);
  }
}

async function endsInLineBreak(path: string, size: number): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
    return buffer.toString() === '\n';
  } finally {
    await file.close();
  }
}

async function endOfLastWholeLine(path: string): Promise<number> {
  const scanner = createLineScanner();
  let offset = 0;
  let end = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    for (const byte of chunk) {
      offset += 1;
      if (scanner.endsLine(byte)) end = offset;
    }
  }
  return end;
}

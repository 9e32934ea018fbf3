import { randomUUID } from 'node:crypto';
import { chmod, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** What a file of the data folder is opened with: its owner alone reads and writes it. */
export const ownerOnly = 0o600;

/**
 * Makes a folder that its owner alone can enter, and those above it that are missing; where it is there and others may
 * enter it, that is mended.
 * @returns the first folder that was made; undefined when all were there
 * @throws Error of node:fs when it cannot be made
 */
export async function makeOwnerFolder(path: string): Promise<string | undefined> {
  const firstMade = await mkdir(path, { recursive: true, mode: 0o700 });
  await chmod(path, 0o700);
  return firstMade;
}

/**
 * Removes what processes that were killed while they wrote a file left beside it. Nobody else may be writing it.
 * @param path the file's
 * @throws Error of node:fs when its folder cannot be read
 */
export async function removeUnfinished(path: string): Promise<void> {
  const folder = dirname(path);
  const unfinished = (await readdir(folder)).filter(
    (name) => name.startsWith(`${basename(path)}.`) && uuid.test(name.slice(basename(path).length + 1)),
  );
  for (const name of unfinished) await rm(join(folder, name), { force: true });
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The text of a file, or undefined when there is none. Where others may read it, that is mended first.
 * @throws Error of node:fs when it cannot be read
 */
export async function readOwnerOnly(path: string): Promise<string | undefined> {
  try {
    await chmod(path, ownerOnly);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Puts a file that its owner alone can read or write, whole or not at all: whoever reads it sees the old text or the
 * new one, also after a crash. Folders that are missing are made.
 * @throws Error of node:fs when it cannot be written; the old file then stays
 */
export async function writeOwnerOnly(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const made = `${path}.${randomUUID()}`;
  try {
    const file = await open(made, 'wx', ownerOnly);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(made, path);
  } catch (error) {
    await rm(made, { force: true });
    throw error;
  }
}

/**
 * Makes sure that so many bytes can be written in a folder, by writing them.
 * @throws Error of node:fs when they cannot
 */
export async function requireRoom(folder: string, bytes: number): Promise<void> {
  const path = join(folder, '.room');
  try {
    await writeFile(path, Buffer.alloc(bytes), { mode: ownerOnly, flush: true });
  } finally {
    await rm(path, { force: true });
  }
}

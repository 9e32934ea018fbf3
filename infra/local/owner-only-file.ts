import { randomUUID } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * The text of a file, or undefined when there is none. Where others may read it, that is mended first.
 * @throws Error of node:fs when it cannot be read
 */
export async function readOwnerOnly(path: string): Promise<string | undefined> {
  try {
    await chmod(path, 0o600);
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
  await mkdir(dirname(path), { recursive: true });
  const made = `${path}.${randomUUID()}`;
  try {
    const file = await open(made, 'wx', 0o600);
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

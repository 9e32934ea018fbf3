import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';

/** Another process holds the folder. The message says what to do. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
}

/** A part of the data folder that one process at a time may write to. */
export type LockedPart = 'registry' | 'influx';

/**
 * Takes `part` of the data folder for this process until the answer is called. The lock is the operating system's own,
 * held through a small LevelDB under `<folder>/locks/<part>`, so that it goes with the process however that ends.
 * @throws FolderInUse when another process, or an earlier call in this one, holds it.
 */
export async function lockFolder(folder: string, part: LockedPart): Promise<() => Promise<void>> {
  const path = join(folder, 'locks', part);
  await mkdir(path, { recursive: true });
  const lock = new ClassicLevel(path);
  try {
    await lock.open();
  } catch (error) {
    if (!isLocked(error)) throw error;
    throw new FolderInUse(
      `The data folder ${folder} is in use by another locust2influx. ` +
        'Stop that one first, or give this one a folder of its own with --data.',
      { cause: error },
    );
  }
  return () => lock.close();
}

function isLocked(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'LEVEL_LOCKED';
}

import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { makeOwnerFolder } from './owner-only-file.ts';

/** Another process holds the folder. The message says what to do. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
}

/** What one process at a time may write to: the data folder as a whole, and those of its parts that are started alone too. */
export type LockedPart = 'folder' | 'registry' | 'influx';

/**
 * Takes the data folder, or a part of it, for this process until the answer is called. The lock is the operating system's own,
 * held through a small LevelDB under `<folder>/locks/<part>`, so that it goes with the process however that ends.
 * @throws FolderInUse when another process, or an earlier call in this one, holds it.
 */
export async function lockFolder(folder: string, part: LockedPart): Promise<() => Promise<void>> {
  const path = join(folder, 'locks', part);
  await makeOwnerFolder(join(folder, 'locks'));
  const lock = new ClassicLevel(path);
  try {
    await lock.open();
  } catch (error) {
    await lock.close();
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

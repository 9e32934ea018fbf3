import { access, constants, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DataFolderProblem } from './data-folder-problem.ts';
import { FolderInUse, lockFolder } from './folder-lock.ts';
import { removeUnfinished } from './owner-only-file.ts';
import { requireOwnFolder } from './require-own-folder.ts';
import { isStorageProblem, storageProblem } from './storage-problem.ts';

/** The files in the data folder that are written whole, each over the one before. */
export const wholeFiles = { secrets: 'secrets.json', tokens: 'tokens.json' } as const;

/**
 * Takes the data folder for this process, whatever of it is used, until the answer is called; made when missing. What
 * killed processes left unfinished is removed.
 * @throws FolderInUse when another process has it; DataFolderProblem when others may write to it; Error of node:fs when
 * it cannot be written
 */
export async function openDataFolder(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await access(folder, constants.W_OK | constants.X_OK);
  await requireOwnFolder(folder);
  const unlock = await lockFolder(folder, 'folder');
  try {
    for (const name of Object.values(wholeFiles)) await removeUnfinished(join(folder, name));
  } catch (error) {
    await unlock();
    throw error;
  }
  return unlock;
}

/**
 * Does something with the data folder, or a folder in it.
 * @throws DataFolderProblem where its disk or its files fail; what else the action throws, as it is
 */
export async function inDataFolder<Result>(folder: string, action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    const isSaid = error instanceof FolderInUse || error instanceof DataFolderProblem;
    if (isSaid || !isStorageProblem(error)) throw error;
    const advice = 'Mend that, or give another folder with --data.';
    throw new DataFolderProblem(`${storageProblem(error, folder)}. ${advice}`, { cause: error });
  }
}

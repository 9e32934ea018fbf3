import { randomUUID } from 'node:crypto';
import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { deadLetterDays } from '../../../lambda/influx/spool/dead-letters.ts';
import { deadLetterPrefix, instantOfName } from '../../../lambda/influx/spool/stored-object.ts';
import type { SpoolStore } from '../../../lambda/influx/spool/spool-store.ts';
import type { Clock } from '../../../lambda/runtime/clock.ts';
import { makeOwnerFolder, ownerOnly } from './owner-only-file.ts';

/** What is being written lies here until it is whole. */
const unfinished = '.unfinished';
const dayMs = 86_400_000;
/** Nothing is being written for so long. */
const abandonedMs = 3_600_000;

/**
 * Keeps objects as files under a folder, which is made when missing. A file is there whole or not at all, also after
 * a crash, and is on the disk when `put` resolves. Once a day, and first when this is called, dead letters older than
 * 30 days are removed.
 */
export async function createFolderSpool(folder: string, clock: Clock): Promise<SpoolStore> {
  let sweptAtMs = clock.now();
  await makeOwnerFolder(folder);
  await sweep(folder, sweptAtMs);
  return {
    async put(key, body) {
      await putWhole(join(folder, unfinished, randomUUID()), { folder, key, body, atMs: clock.now() });
      if (clock.now() - sweptAtMs < dayMs) return;
      sweptAtMs = clock.now();
      await sweep(folder, sweptAtMs);
    },
    async list({ prefix, limit, after }) {
      const keys = (await namesIn(join(folder, prefix))).map((name) => `${prefix}/${name}`).sort();
      const behind = after === undefined ? keys : keys.filter((key) => key > after);
      const sizes = await Promise.all(behind.slice(0, limit).map((key) => sizeOf(join(folder, key))));
      const objects = behind.slice(0, limit).map((key, index) => ({ key, sizeBytes: sizes[index] ?? 0 }));
      return { objects, isComplete: behind.length <= limit };
    },
    get: (key) => unlessMissing(() => readFile(join(folder, key))),
    remove: (key) => rm(join(folder, key), { force: true }),
  };
}

async function putWhole(
  made: string,
  put: { readonly folder: string; readonly key: string; readonly body: Buffer; readonly atMs: number },
): Promise<void> {
  const { folder, key, body, atMs } = put;
  const path = join(folder, key);
  await makeOwnerFolder(dirname(made));
  const firstMade = await makeOwnerFolder(dirname(path));
  // A new folder is on the disk only when the one above it is.
  if (firstMade !== undefined) for (const each of [dirname(firstMade), folder]) await syncFolder(each);
  try {
    const file = await open(made, 'wx', ownerOnly);
    try {
      await file.writeFile(body);
      // Since when it lies here: `sweep` goes by it.
      await file.utimes(atMs / 1000, atMs / 1000);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(made, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(made, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** The new name is on the disk only when its folder is; on Windows, where no folder can be opened, that is its own affair. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Removes dead letters that have lain here for too long, and what a killed process left unfinished. */
async function sweep(folder: string, nowMs: number): Promise<void> {
  const keptFromAtMs = nowMs - deadLetterDays * dayMs;
  for (const name of await namesIn(join(folder, deadLetterPrefix))) {
    const atMs = instantOfName(name);
    // What was damaged while it waited may be older than the letter that it became.
    if (atMs !== undefined && atMs < keptFromAtMs)
      await removeOlder(join(folder, deadLetterPrefix, name), keptFromAtMs);
  }
  for (const name of await namesIn(join(folder, unfinished))) {
    await removeOlder(join(folder, unfinished, name), nowMs - abandonedMs);
  }
}

/** Removes a file that was last written before an instant, ms. */
async function removeOlder(path: string, beforeAtMs: number): Promise<void> {
  const modifiedAtMs = (await unlessMissing(() => stat(path)))?.mtimeMs;
  if (modifiedAtMs !== undefined && modifiedAtMs < beforeAtMs) await rm(path, { force: true });
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return (await unlessMissing(() => readdir(folder))) ?? [];
}

/** 0 for a file that another drainer has just removed. */
async function sizeOf(path: string): Promise<number> {
  return (await unlessMissing(() => stat(path)))?.size ?? 0;
}

async function unlessMissing<Result>(action: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunEvent } from '../../../lambda/runs/events/run-event.ts';
import { makeOwnerFolder, readOwnerOnly, removeUnfinished, writeOwnerOnly } from '../store/owner-only-file.ts';

/** Events that wait to be told, one file each, in the order in which they came; they outlive the process. */
export interface EventFiles {
  put(event: RunEvent, atMs: number): Promise<void>;
  /** The names of all that wait, the oldest first. */
  list(): Promise<readonly string[]>;
  /** The event as JSON; undefined when it is gone. */
  read(name: string): Promise<string | undefined>;
  remove(name: string): Promise<void>;
}

const fileName = /^(\d{15})-\d{6}-[0-9a-f]{32}\.json$/;

/** When an event came, ms. */
export const instantOf = (name: string): number => Number(fileName.exec(name)?.[1]);

/** All of it rejects with an Error of node:fs where the folder cannot be used. @param folder is made when missing */
export async function openEventFiles(folder: string): Promise<EventFiles> {
  await makeOwnerFolder(folder);
  for (const name of await readdir(folder)) await removeUnfinished(join(folder, name.replace(/\.json\..*$/, '.json')));
  let count = 0;
  return {
    async put(event, atMs) {
      count = (count + 1) % 1_000_000;
      const name = `${String(atMs).padStart(15, '0')}-${String(count).padStart(6, '0')}-${event.id}.json`;
      await writeOwnerOnly(join(folder, name), JSON.stringify(event));
    },
    list: async () => (await readdir(folder)).filter((name) => fileName.test(name)).sort(),
    read: (name) => readOwnerOnly(join(folder, name)),
    remove: (name) => rm(join(folder, name), { force: true }),
  };
}

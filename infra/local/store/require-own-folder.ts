import type { Stats } from 'node:fs';
import { chmod, lstat, readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { DataFolderProblem } from './data-folder-problem.ts';
import { isAloneInGroup, readAccounts } from './own-group.ts';
import type { Accounts, User } from './own-group.ts';

/** Write permission of the group, of everybody, and the mark of folders where each removes only what is its own. */
const [groupWrites, othersWrite, sticky] = [0o020, 0o002, 0o1000];
const rootId = 0;

/**
 * Makes sure that nobody but this user and root can put anything into the data folder, or another folder in its place,
 * now or earlier. Where it is this user's own and others may write to it, that is mended. Windows has other permissions,
 * and is not asked.
 * @param options.program where this program is: who may replace that can do what they like anyway
 * @param options.accounts by default those of this machine
 * @throws DataFolderProblem which says what to do; Error of node:fs when the folder cannot be looked at
 */
export async function requireOwnFolder(
  folder: string,
  { program = import.meta.dirname, user = thisUser(), accounts }: FolderOptions = {},
): Promise<void> {
  if (user === undefined) return;
  const isAlone = isAloneInGroup(user, accounts ?? (await readAccounts()));
  const problem = (await problemAt(folder, user)) ?? (await problemAbove(folder, { user, isAlone, program }));
  if (problem !== undefined) throw new DataFolderProblem(`The data folder ${folder} cannot be used: ${problem}`);
}

interface FolderOptions {
  readonly program?: string;
  /** By default this process's. */
  readonly user?: User;
  readonly accounts?: Accounts;
}

/** Undefined on Windows. */
function thisUser(): User | undefined {
  const [userId, groupId] = [process.getuid?.(), process.getgid?.()];
  return userId === undefined || groupId === undefined ? undefined : { userId, groupId };
}

/** What is wrong with the folder itself, or with what is in it. */
async function problemAt(folder: string, user: User): Promise<string | undefined> {
  const before = await stat(folder);
  if (isForeign(before, user)) {
    return `it belongs to another user (id ${before.uid}). Start this as that user, or give a folder of your own with --data.`;
  }
  const wasOpen = isOpen(before);
  if (wasOpen && before.uid === user.userId) await chmod(folder, before.mode & ~(groupWrites | othersWrite) & 0o7777);
  if (wasOpen && isOpen(await stat(folder))) {
    return `others may write to it. Run chmod go-w ${folder} as its owner, or give another folder with --data.`;
  }
  // What others may have put into an open folder can be anywhere in it.
  return problemIn(folder, { user, isDeep: wasOpen });
}

async function problemIn(
  folder: string,
  { user, isDeep }: { readonly user: User; readonly isDeep: boolean },
): Promise<string | undefined> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const found = await lstat(path);
    const target = found.isSymbolicLink() ? await stat(path).catch(() => undefined) : undefined;
    const foreign = [found, target].find((each) => each !== undefined && isForeign(each, user));
    if (foreign !== undefined) {
      return `${path} belongs to another user (id ${foreign.uid}). Remove it, or give another folder with --data.`;
    }
    const below = isDeep && found.isDirectory() ? await problemIn(path, { user, isDeep }) : undefined;
    if (below !== undefined) return below;
  }
  return undefined;
}

/** Who may rename what is above a folder can put another one in its place. */
async function problemAbove(
  folder: string,
  { user, isAlone, program }: { readonly user: User; readonly isAlone: boolean; readonly program: string },
): Promise<string | undefined> {
  const aboveProgram = new Set(ancestorsOf(program));
  const given = resolve(folder);
  for (const path of new Set([
    ...(await linksIn(given)),
    ...ancestorsOf(given),
    ...ancestorsOf(await realpath(given)),
  ])) {
    if (aboveProgram.has(path)) continue;
    const found = await lstat(path);
    const advice = 'Give another folder with --data.';
    // Root can do everything anyway, and in a container it often works in somebody's folders.
    if (user.userId !== rootId && isForeign(found, user)) {
      return `another user (id ${found.uid}) may put another in its place, as the owner of ${path}. ${advice}`;
    }
    const isOwnGroup = (isAlone && found.gid === user.groupId) || found.gid === rootId;
    const isReplaceable = isOpen(found, { isOwnGroup }) && (found.mode & sticky) === 0;
    if (!found.isSymbolicLink() && isReplaceable) {
      return `others may put another in its place, since they may write to ${path}. Run chmod go-w ${path}, or give another folder with --data.`;
    }
  }
  return undefined;
}

/** The folder itself where it is a link. */
async function linksIn(path: string): Promise<readonly string[]> {
  return (await lstat(path)).isSymbolicLink() ? [path] : [];
}

function ancestorsOf(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...ancestorsOf(parent)];
}

function isForeign({ uid }: Stats, { userId }: User): boolean {
  return uid !== userId && uid !== rootId;
}

/** @param isOwnGroup its group is that of this user alone, or root's */
function isOpen({ mode }: Stats, { isOwnGroup = false } = {}): boolean {
  return (mode & othersWrite) !== 0 || (!isOwnGroup && (mode & groupWrites) !== 0);
}

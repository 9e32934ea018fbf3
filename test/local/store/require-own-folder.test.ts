import { chmod, chown, lchown, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataFolderProblem } from '../../../infra/local/store/data-folder-problem.ts';
import { requireOwnFolder } from '../../../infra/local/store/require-own-folder.ts';
import { openDataFolder } from '../../../infra/local/store/open-data-folder.ts';

const somebody = 12_345;
let parent: string;
let folder: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'own-folder-'));
  folder = join(parent, 'data');
});
afterEach(() => rm(parent, { recursive: true }));

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o7777;

async function make(path: string, mode: number): Promise<void> {
  await mkdir(path);
  await chmod(path, mode);
}

async function problemOf(path: string): Promise<string> {
  try {
    await (
      await openDataFolder(path)
    )();
    return 'none';
  } catch (error) {
    expect(error).toBeInstanceOf(DataFolderProblem);
    return error instanceof Error ? error.message : '';
  }
}

it.each([0o777, 0o775, 0o722])(
  'this user’s own folder that others may write to (%o) is theirs no more',
  async (mode) => {
    await make(folder, mode);
    await writeFile(join(folder, 'tokens.json'), '{}');

    expect(await problemOf(folder)).toBe('none');

    expect(await modeOf(folder)).toBe(mode & 0o755);
  },
);

it('a folder that others may only read, or that a link of this user leads to, is used as it is', async () => {
  await make(folder, 0o755);
  await symlink(folder, join(parent, 'link'));

  expect(await problemOf(join(parent, 'link'))).toBe('none');

  expect(await modeOf(folder)).toBe(0o755);
});

describe('a folder that others could put another in the place of', () => {
  it.each([
    ['everybody may write above it', 0o777, (path: string) => path],
    ['everybody may write two levels above it', 0o777, (path: string) => join(path, 'below')],
  ])('is refused: %s', async (_how, mode, at) => {
    await chmod(parent, mode);
    await mkdir(at(parent), { recursive: true });

    expect(await problemOf(join(at(parent), 'data'))).toBe(
      `The data folder ${join(at(parent), 'data')} cannot be used: others may put another in its place, since they may ` +
        `write to ${parent}. Run chmod go-w ${parent}, or give another folder with --data.`,
    );
  });

  it('is refused where a link leads to it', async () => {
    await make(join(parent, 'open'), 0o777);
    await make(join(parent, 'open', 'data'), 0o700);
    await symlink(join(parent, 'open', 'data'), folder);

    expect(await problemOf(folder)).toContain(`they may write to ${join(parent, 'open')}.`);
  });

  it('is not refused where each removes only what is its own, as in /tmp', async () => {
    await chmod(parent, 0o1777);

    expect(await problemOf(folder)).toBe('none');
  });

  it('is not refused where they could put another program in the place of this one', async () => {
    await chmod(parent, 0o777);
    await mkdir(folder);

    await requireOwnFolder(folder, { program: join(parent, 'infra', 'local') });
  });

  it('is not refused for the group of this user', async () => {
    await chmod(parent, 0o775);

    expect(await problemOf(folder)).toBe('none');
  });
});

// Only root can give files to somebody else.
describe.runIf(process.getuid?.() === 0)('what belongs to somebody else', () => {
  it('is refused as data folder', async () => {
    await make(folder, 0o700);
    await chown(folder, somebody, somebody);

    expect(await problemOf(folder)).toBe(
      `The data folder ${folder} cannot be used: it belongs to another user (id 12345). ` +
        'Start this as that user, or give a folder of your own with --data.',
    );
  });

  it.each([
    ['its own', 'ann:x:4242:4343::/home/ann:/bin/sh', 'ann:x:4343:', false],
    ['its own, which names it', 'ann:x:4242:4343::/home/ann:/bin/sh', 'ann:x:4343:ann', false],
    ['that of a container’s user without a name', '', '', false],
    ['that of others as well', 'ann:x:4242:4343:::\nbob:x:4244:4343:::', 'ann:x:4343:', true],
    ['one with another member', 'ann:x:4242:4343:::', 'ann:x:4343:ann,bob', true],
    ['one for many people', 'ann:x:4242:4343:::', 'users:x:4343:', true],
    ['one of a directory of accounts', '', 'staff:*:4343:root', true],
  ])(
    'may have its group writing above it where that is the user’s alone: %s',
    async (_whose, users, groups, isRefused) => {
      const user = { userId: users === '' && groups === '' ? 4343 : 4242, groupId: 4343 };
      await make(folder, 0o700);
      for (const path of [parent, folder]) await chown(path, user.userId, user.groupId);
      await chmod(parent, 0o775);

      const checked = requireOwnFolder(folder, { user, accounts: { users, groups } });

      if (isRefused) await expect(checked).rejects.toThrow(`they may write to ${parent}.`);
      else await checked;
    },
  );

  it('is refused as a group that may write above it', async () => {
    await chown(parent, 0, somebody);
    await chmod(parent, 0o775);

    expect(await problemOf(folder)).toContain(`since they may write to ${parent}.`);
  });

  it.each([
    ['a file', (path: string) => writeFile(path, '{}')],
    ['a folder', (path: string) => mkdir(path)],
    ['a link', (path: string) => symlink('/etc', path)],
  ])('is refused in the data folder: %s', async (_what, plant) => {
    await make(folder, 0o700);
    const path = join(folder, 'tokens.json');
    await plant(path);
    await lchown(path, somebody, somebody);

    expect(await problemOf(folder)).toBe(
      `The data folder ${folder} cannot be used: ${path} belongs to another user (id 12345). ` +
        'Remove it, or give another folder with --data.',
    );
  });

  it('is refused anywhere in it, where they could have put it', async () => {
    await make(folder, 0o777);
    await mkdir(join(folder, 'spool', 'waiting'), { recursive: true });
    const planted = join(folder, 'spool', 'waiting', 'a');
    await symlink('/', planted);
    await lchown(planted, somebody, somebody);

    expect(await problemOf(folder)).toContain(`${planted} belongs to another user`);
    expect(await modeOf(folder)).toBe(0o755);
  });

  it('is refused where a link of this user leads to it', async () => {
    await make(folder, 0o700);
    const others = join(parent, 'others');
    await mkdir(others);
    await chown(others, somebody, somebody);
    await symlink(others, join(folder, 'influx'));

    expect(await problemOf(folder)).toContain(`${join(folder, 'influx')} belongs to another user`);
  });
});

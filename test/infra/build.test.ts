import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

/** A whole process starts here, and all bundles are built, which takes long on a machine that is busy. */
vi.setConfig({ hookTimeout: 240_000 });

const project = join(import.meta.dirname, '../..');

describe('npm run build, in a folder with a space and a letter beyond ASCII, where new files are their owner’s alone', () => {
  let temporary: string;
  let built: ReadonlyMap<string, number>;

  beforeAll(async () => {
    temporary = await mkdtemp(join(tmpdir(), 'locust2influx-build-'));
    const checkout = join(temporary, 'load tests für alle');
    await mkdir(checkout);
    for (const name of ['infra', 'lambda', 'package.json', 'tsconfig.json']) {
      await cp(join(project, name), join(checkout, name), { recursive: true });
    }
    await symlink(join(project, 'node_modules'), join(checkout, 'node_modules'));
    await promisify(execFile)(
      'sh',
      ['-c', 'umask 077 && chmod -R go= . && exec "$0" infra/run.js infra/build.ts', process.execPath],
      {
        cwd: checkout,
      },
    );
    const dist = join(checkout, 'dist');
    const entries = await readdir(dist, { recursive: true, withFileTypes: true });
    const deployed = entries.filter(
      ({ parentPath, name }) => !join(parentPath, name).startsWith(join(dist, 'programs')),
    );
    const modes = deployed.map(async ({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [relative(dist, path), (await stat(path)).mode] as const;
    });
    built = new Map(await Promise.all(modes));
  });

  afterAll(() => rm(temporary, { recursive: true, force: true }));

  it('makes all bundles', () => {
    const expected = ['collector', 'api', 'influx-setup'].map((name) => `${name}/index.mjs`);
    const served = ['api/console/index.html', 'api/console/main.js', 'api/companion/locust2influx.py'];
    expect([...built.keys()]).toEqual(expect.arrayContaining([...expected, ...served]));
  });

  it('makes them readable for everybody, as Lambda needs them, which keeps the permissions of what is uploaded', () => {
    const readable = [...built].map(([path, mode]) => [path, (mode & 0o777).toString(8)] as const);
    for (const [path, mode] of readable) expect(mode, path).toBe(/\.\w+$/.test(path) ? '644' : '755');
  });
});

it('the image of the compose file is readable for its user, whatever the permissions in the checkout', async () => {
  const dockerfile = await readFile(join(project, 'infra/local/Dockerfile'), 'utf8');
  const copies = dockerfile.split('\n').filter((line) => line.startsWith('COPY'));
  expect(copies.length).toBeGreaterThan(1);
  expect(copies.filter((line) => !line.startsWith('COPY --chmod=755 '))).toEqual([]);
});

import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startTableServer } from '../support/aws/table-server.ts';
import { startInfluxServer } from '../support/influx/influx-server.ts';
import { startScriptedLocust } from '../support/locust/scripted-locust.ts';
import { says, startLocalProcess, waitingMs } from '../support/rigs/local-process.ts';
import type { LocalProcess } from '../support/rigs/local-process.ts';

/** Whole processes start here, which takes long on a machine that is busy. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 60_000 });

const tokens = { ADMIN_TOKEN: 'the-admin-of-a-test', REPORTER_TOKEN: 'the-reporter-of-a-test' };
const asAdmin = { authorization: `Bearer ${tokens.ADMIN_TOKEN}`, 'content-type': 'application/json' };

let folder: string;
const cleanUps: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'locust2influx-data-'));
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  await rm(folder, { recursive: true, force: true });
});

function start(given: { at?: string; env?: Record<string, string>; options?: string[] } = {}): LocalProcess {
  const { at = folder, env = {}, options = [] } = given;
  const run = startLocalProcess({ folder: at, env: { ...tokens, ...env }, options });
  cleanUps.push(() => {
    run.process.kill('SIGKILL');
    return run.exited;
  });
  return run;
}

async function stop(run: LocalProcess): Promise<void> {
  run.process.kill('SIGINT');
  expect(await run.exited).toBe(0);
}

const urlOf = (run: LocalProcess): string => /Page and API at (\S+)/.exec(run.out())?.[1] ?? '';

const put = (run: LocalProcess, id: string, body: object): Promise<Response> =>
  fetch(`${urlOf(run)}/v1/targets/${id}`, { method: 'PUT', headers: asAdmin, body: JSON.stringify(body) });

async function pathsIn(path: string): Promise<string[]> {
  const names = await readdir(path, { recursive: true });
  return names.map((name) => join(path, name));
}

it('a second one in the same folder is refused, also where registry and InfluxDB are elsewhere', async () => {
  const [tables, influx] = [await startTableServer(), await startInfluxServer()];
  cleanUps.push(
    () => tables.close(),
    () => influx.close(),
  );
  const env = {
    ...{ DYNAMODB_ENDPOINT: tables.endpoint, INFLUX_URL: influx.url },
    ...{ INFLUX_ORG: 'o', INFLUX_BUCKET: 'b', INFLUX_TOKEN: 'a-token' },
  };
  const first = start({ env });
  await says(first, /Ctrl-C stops/);

  const second = start({ env });

  expect(await second.exited).toBe(1);
  expect(second.out()).toContain(`The data folder ${folder} is in use by another locust2influx.`);
  expect(second.out().trim().split('\n')).toHaveLength(1);
  first.process.kill('SIGKILL');
  await first.exited;
  const third = start({ env });
  await says(third, /Ctrl-C stops/);
});

it('all that it writes is its owner’s alone, under the widest umask, and what killed writers left is gone', async () => {
  const leftover = 'secrets.json.01234567-89ab-4def-8123-456789abcdef';
  for (const name of [leftover, leftover.replace('secrets', 'tokens')]) await writeFile(join(folder, name), '{}');
  await writeFile(join(folder, 'secrets.json.mine'), '{}', { mode: 0o600 });
  await mkdir(join(folder, 'influx', 'locust'), { recursive: true });
  await chmod(join(folder, 'influx'), 0o777);
  const umask = process.umask(0);
  const run = start({ options: ['--demo'] });
  process.umask(umask);
  await says(run, /Ctrl-C stops/);
  expect(
    (await put(run, 'shop', { url: 'http://127.0.0.1:1', auth: { type: 'bearer', token: 's3cret' } })).status,
  ).toBe(201);
  await stop(run);

  const open: string[] = [];
  for (const path of await pathsIn(folder)) {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0) open.push(path);
  }
  expect(open).toEqual([]);
  expect((await readdir(folder)).filter((name) => name.includes('.json.'))).toEqual(['secrets.json.mine']);
});

const whereNobodyWrites: readonly (readonly [string, (path: string) => Promise<unknown>, RegExp])[] = [
  ['is a file', (path) => writeFile(path, ''), /a file is where a folder is needed/],
  ['lies under a file', (path) => writeFile(dirname(path), ''), /a file is where a folder is needed/],
  [
    'has a file for its registry',
    async (path) => {
      await mkdir(path);
      await writeFile(join(path, 'registry'), '');
    },
    /registry cannot be used: a file is where a folder is needed/,
  ],
  [
    'has a file for its locks',
    async (path) => {
      await mkdir(path);
      await writeFile(join(path, 'locks'), '');
    },
    /locks cannot be used: a file is where a folder is needed/,
  ],
  [
    'has a folder for its tokens',
    async (path) => {
      await mkdir(join(path, 'tokens.json'), { recursive: true });
    },
    /tokens\.json|a folder is where a file is needed/,
  ],
  [
    'others could replace',
    async (path) => {
      await mkdir(path);
      await chmod(dirname(path), 0o777);
    },
    /others may put another in its place, since they may write to \S+parent\. Run chmod go-w/,
  ],
  [
    'has a damaged registry',
    async (path) => {
      await mkdir(join(path, 'registry'), { recursive: true });
      await writeFile(join(path, 'registry', 'CURRENT'), 'nonsense');
    },
    /registry cannot be used: its files are damaged/,
  ],
];

it.each(whereNobodyWrites)('a data folder that %s is one plain line', async (what, prepare, message) => {
  const parent = join(folder, 'parent');
  const at = join(parent, 'data');
  if (what !== 'lies under a file') await mkdir(parent);
  await prepare(at);

  const run = start({ at, env: what.includes('tokens') ? { ADMIN_TOKEN: '' } : {} });

  expect(await run.exited).toBe(1);
  expect(run.out()).toMatch(message);
  expect(run.out().trim().split('\n')).toHaveLength(1);
});

it('a target whose credentials are missing is not asked, and the line says why', async () => {
  const locust = await startScriptedLocust();
  cleanUps.push(() => locust.close());
  const auth = { type: 'bearer', token: 's3cret' };
  const first = start();
  await says(first, /Ctrl-C stops/);
  await put(first, 'shop', { url: locust.url, auth });
  await stop(first);
  await rm(join(folder, 'secrets.json'));
  const asked = locust.asked;

  const second = start();

  await says(second, /shop cannot be read: unauthorized: Its credentials are gone, so it was not asked/);
  expect(locust.asked).toBe(asked);
});

it('--target takes no credentials to another host, and says what to do', async () => {
  const first = start();
  await says(first, /Ctrl-C stops/);
  await put(first, 'shop', { url: 'http://127.0.0.1:1/a', auth: { type: 'bearer', token: 's3cret' } });
  await put(first, 'open', { url: 'http://127.0.0.1:1' });
  await stop(first);

  const moved = start({ options: ['--target', 'shop=http://127.0.0.2:1/a'] });
  expect(await moved.exited).toBe(1);
  expect(moved.out().trim()).toBe(
    '--target shop=…: this target has credentials for http://127.0.0.1:1, and they are not sent to ' +
      'http://127.0.0.2:1. Change its URL on the page and enter its credentials again there, or use another id.',
  );

  const same = start({ options: ['--target', 'shop=http://127.0.0.1:1/b', '--target', 'open=http://127.0.0.2:1'] });
  await says(same, /Ctrl-C stops/);
  const answer = await fetch(`${urlOf(same)}/v1/targets/shop`, { headers: asAdmin });
  expect(await answer.json()).toMatchObject({ url: 'http://127.0.0.1:1/b' });
  await vi.waitFor(() => {
    expect(same.out()).toMatch(/open {2}http:\/\/127\.0\.0\.2:1/);
  }, waitingMs);
});

it.each([
  [['--version'], /^locust2influx \d+\.\d+\.\d+\n$/, 0],
  [['-h'], /^Usage: npm start/, 0],
  [['--help', '--port', 'x'], /^Usage: npm start/, 0],
  [['--traget', 'x'], /^Unknown option '--traget'\. Did you mean --target\? See npm start -- --help\.\n$/, 1],
] as const)('%j is answered, and nothing starts', async (options, says, code) => {
  const run = start({ options: [...options] });

  expect(await run.exited).toBe(code);
  expect(run.out()).toMatch(says);
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type StoreServer, startStoreServer } from '../../support/influx/store-server.ts';
import { systemClock } from '../../../lambda/runtime/clock.ts';
import { groupBy } from '../../../lambda/runtime/group-by.ts';
import { runner } from '../../support/rigs/typescript-program.ts';

const access = { bucket: 'locust', org: 'acme', token: 's3cret' };
const noon = Date.UTC(2026, 10, 22, 12);

let folder = '';
const started: StoreServer[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'influx-store-'));
});
afterEach(async () => {
  for (const store of started.splice(0)) await store.stop();
  await rm(folder, { recursive: true });
});

async function start(): Promise<StoreServer> {
  const store = await startStoreServer({ ...access, folder, port: 0, clock: systemClock });
  started.push(store);
  return store;
}

async function write(url: string, body: string): Promise<number> {
  const response = await fetch(`${url}/api/v2/write?org=acme&bucket=locust&precision=ms`, {
    method: 'POST',
    headers: { authorization: 'Token s3cret' },
    body,
  });
  await response.arrayBuffer();
  return response.status;
}

const restart = async (): Promise<string> => {
  await started.pop()?.stop();
  return (await start()).path;
};

test('it goes on where it stopped', async () => {
  await write((await start()).url, `m f=1 ${noon}`);
  await restart();
  await write(started[0]?.url ?? '', `m f=2 ${noon}`);

  const path = await restart();

  expect(await readFile(join(path, '2026-11-22.lp'), 'utf8')).toBe(`m f=1 ${noon}000000\nm f=2 ${noon}000000\n`);
});

test.each([
  ['a line', 'm f=1', ''],
  ['a timestamp', 'm f=1 17953488', ''],
  ['a line after whole ones', 'm f="a\nb" 1\nm f=2 2\nm,t=x f', 'm f="a\nb" 1\nm f=2 2\n'],
  ['a string, right behind its line break', 'm f=2 2\nm f="a\n', 'm f=2 2\n'],
])('what a kill left of %s is cut off at the next start', async (_what, torn, whole) => {
  const { path } = await start();
  await started.pop()?.stop();
  const file = join(path, '2026-11-22.lp');
  await writeFile(file, torn);
  await writeFile(join(path, '2026-11-21.lp'), `m f=1 ${noon}\n`);
  await utimes(join(path, '2026-11-21.lp'), 1, 1);

  await restart();

  expect(await readFile(file, 'utf8')).toBe(whole);
  expect(await readFile(join(path, '2026-11-21.lp'), 'utf8')).toBe(`m f=1 ${noon}\n`);
});

test('an older file that is torn is made whole as well', async () => {
  const { path } = await start();
  await write(started[0]?.url ?? '', `m f=1 ${noon}`);
  await started.pop()?.stop();
  const older = join(path, '2026-11-21.lp');
  await appendFile(older, 'm f=1 1\nm f=');
  await utimes(older, 1, 1);

  await restart();

  expect(await readFile(older, 'utf8')).toBe('m f=1 1\n');
});

test('a second store in the same folder fails and says so', async () => {
  await start();

  await expect(startStoreServer({ ...access, folder, port: 0, clock: systemClock })).rejects.toThrow('is in use');
});

test('a stop leaves the sender who is still at it without an answer, and nothing of it in the files', async () => {
  const store = await start();
  const sending = request(`${store.url}/api/v2/write?org=acme&bucket=locust`, {
    method: 'POST',
    headers: { authorization: 'Token s3cret', 'content-length': 1000 },
  });
  const failed = once(sending, 'error');
  sending.write(`m f=1 ${noon}000000\n`);
  await write(store.url, `m f=2 ${noon}`);

  await started.pop()?.stop();

  await failed;
  expect(await readFile(join(store.path, '2026-11-22.lp'), 'utf8')).toBe(`m f=2 ${noon}000000\n`);
});

test('after a kill in the middle of writes all lines are whole, and every acknowledged one is there', async () => {
  const program = join(import.meta.dirname, '../programs/influx-store.ts');
  const argv = [runner, program, folder, JSON.stringify(access)];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = String((await once(child.stdout, 'data'))[0]).trim();
  const acknowledged: number[] = [];
  const linesPerWrite = 2000;
  const body = (number: number): string =>
    Array.from(
      { length: linesPerWrite },
      (_, line) => `m,write=${number} line=${line}i,pad="${'x'.repeat(200)}" ${noon}\n`,
    ).join('');
  const send = async (sender: number): Promise<void> => {
    for (let number = sender; number < 10_000; number += 4) {
      if ((await write(url, body(number))) === 204) acknowledged.push(number);
      if (acknowledged.length === 12) child.kill('SIGKILL');
    }
  };
  await Promise.allSettled([send(0), send(1), send(2), send(3)]);
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');

  const { path } = await start();

  expect(await readdir(path)).toEqual(['2026-11-22.lp']);
  const text = await readFile(join(path, '2026-11-22.lp'), 'utf8');
  const lines = text.split('\n');
  expect(lines.pop()).toBe('');
  const whole = new RegExp(`^m,write=\\d+ line=\\d+i,pad="x{200}" ${noon}000000$`);
  expect(lines.filter((line) => !whole.test(line))).toEqual([]);
  const perWrite = groupBy(lines, (line) => Number(/write=(\d+)/.exec(line)?.[1]));
  expect(acknowledged.length).toBeGreaterThanOrEqual(12);
  for (const number of acknowledged) expect(perWrite.get(number)).toHaveLength(linesPerWrite);
});

import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createFolderSpool } from '../../../infra/local/store/folder-spool.ts';
import { toLines } from '../../../lambda/influx/lines.ts';
import { createDeadLetters } from '../../../lambda/influx/spool/dead-letters.ts';
import { createSpool, DamagedEntry } from '../../../lambda/influx/spool/spool.ts';
import { createHandClock } from '../../support/time/hand-clock.ts';
import { startS3Server } from '../../support/aws/s3-server.ts';
import { spoolContract } from './spool-contract.ts';

const noon = Date.parse('2026-11-22T12:00:00Z');
const dayMs = 86_400_000;

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'locust2influx-spool-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The name of what a call fails with. */
const failureOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'none',
    (error: unknown) => (error instanceof Error ? error.name : String(error)),
  );

spoolContract('a bucket of S3', async () => {
  const server = await startS3Server();
  onTestFinished(() => server.close());
  return () => Promise.resolve(server.store());
});

spoolContract('a folder', async () => {
  const folder = await emptyFolder();
  return () => createFolderSpool(folder, createHandClock(noon));
});

describe('the folder', () => {
  it('keeps dead letters for 30 days, and what waits for ever', async () => {
    const folder = await emptyFolder();
    const clock = createHandClock(noon);
    const store = await createFolderSpool(folder, clock);
    const rejection = { lines: ['a b=1'], status: 400, reason: 'bad' };
    await createDeadLetters(store).add({ ...rejection, reason: 'old' }, noon);
    await createDeadLetters(store).add(rejection, noon + 2 * dayMs);
    await createSpool(store).put(toLines(['a b=1']), noon);

    clock.jumpTo(noon + 31 * dayMs);
    await createSpool(store).put(toLines(['a b=2']), clock.now());

    expect((await createDeadLetters(store).list({ limit: 9 })).letters).toMatchObject([{ reason: 'bad' }]);
    expect(await createSpool(store).list()).toHaveLength(2);
  });

  it('keeps a damaged entry among the dead letters for 30 days from then on, however old it is', async () => {
    const folder = await emptyFolder();
    const clock = createHandClock(noon);
    const store = await createFolderSpool(folder, clock);
    const spool = createSpool(store);
    await spool.put(toLines(['a b=1']), noon - 90 * dayMs);
    const [{ key } = { key: '' }] = await spool.list();
    await writeFile(join(folder, key), 'broken');
    const [entry] = await spool.list();
    const damaged: unknown = await spool.read(key).catch((error: unknown) => error);
    if (entry === undefined || !(damaged instanceof DamagedEntry)) throw new Error('not damaged');
    await spool.setAside(entry, damaged);

    clock.jumpTo(noon + 29 * dayMs);
    await createFolderSpool(folder, clock);
    expect(await createDeadLetters(store).count()).toBe(1);
    clock.jumpTo(noon + 31 * dayMs);
    await createFolderSpool(folder, clock);
    expect(await createDeadLetters(store).count()).toBe(0);
  });

  it('that cannot be written fails the call, and leaves nothing behind', async () => {
    const folder = await emptyFolder();
    const store = await createFolderSpool(folder, createHandClock(noon));
    await writeFile(join(folder, 'waiting'), 'a file where the folder should be');

    await expect(createSpool(store).put(toLines(['a b=1']), noon)).rejects.toThrow(/EEXIST|ENOTDIR/);

    await rm(join(folder, 'waiting'));
    await createSpool(store).put(toLines(['a b=1']), noon);
    expect(await createSpool(store).list()).toHaveLength(1);
    expect(await readdir(join(folder, '.unfinished'))).toEqual([]);
  });

  it('has kept lines even where the daily sweep fails', async () => {
    const folder = await emptyFolder();
    const clock = createHandClock(noon);
    const store = await createFolderSpool(folder, clock);
    await writeFile(join(folder, 'rejected'), 'a file where the folder should be');
    clock.jumpTo(noon + 2 * dayMs);

    await expect(createSpool(store).put(toLines(['a b=1']), clock.now())).rejects.toThrow(/ENOTDIR/);
    expect(await createSpool(store).list()).toHaveLength(1);
  });

  it('shows nothing of a file that a killed process left half written, and clears it away', async () => {
    const folder = await emptyFolder();
    const left = join(folder, '.unfinished', 'half');
    await mkdir(join(folder, '.unfinished'));
    await writeFile(left, 'half');
    await utimes(left, noon / 1000, noon / 1000);

    const store = await createFolderSpool(folder, createHandClock(noon + dayMs));

    expect(await createSpool(store).list()).toEqual([]);
    expect(await readdir(join(folder, '.unfinished'))).toEqual([]);
  });
});

describe('the bucket', () => {
  it('that cannot be reached fails the call, within its time', async () => {
    const server = await startS3Server();
    const spool = createSpool(server.limitedStore());
    await server.close();
    await expect(spool.put(toLines(['a b=1']), noon)).rejects.toThrow(/ECONNREFUSED|ECONNRESET/);
  });

  it.each([
    [403, 'AccessDenied'],
    [404, 'NoSuchBucket'],
    [503, 'SlowDown'],
  ])('that answers %i fails every call, and nothing of it looks like an entry that is gone', async (status, name) => {
    const server = await startS3Server();
    onTestFinished(() => server.close());
    const spool = createSpool(server.store());
    server.fail(status);
    const calls = [
      spool.list(),
      spool.read('waiting/x'),
      spool.put(toLines(['a b=1']), noon),
      spool.remove('waiting/x'),
    ];
    const names = await Promise.all(calls.map(failureOf));
    expect(names).toEqual([name, name, name, name]);
  });

  it.each(['hangs', 'stalls'] as const)('that %s fails the call within seconds', { timeout: 120_000 }, async (how) => {
    const server = await startS3Server();
    onTestFinished(() => server.close());
    const spool = createSpool(server.limitedStore());
    await spool.put(toLines(['a b=1']), noon);
    const [entry] = await spool.list();
    server.fail(how);
    const calls = [spool.list(), spool.read(entry?.key ?? '')];
    const names = await Promise.all(calls.map(failureOf));
    expect(names).toEqual(['TimeoutError', 'TimeoutError']);
  });
});

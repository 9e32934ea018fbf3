import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createFolderSpool } from '../../infra/local/folder-spool.ts';
import { createDeadLetters } from '../../lambda/influx/dead-letters.ts';
import { createSpool } from '../../lambda/influx/spool.ts';
import { createHandClock } from '../support/hand-clock.ts';
import { startS3Server } from '../support/s3-server.ts';
import { spoolContract } from './spool-contract.ts';

const noon = Date.parse('2026-11-22T12:00:00Z');
const dayMs = 86_400_000;

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'locust2influx-spool-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

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
    const refusal = { lines: ['a b=1'], status: 400, reason: 'bad' };
    await createDeadLetters(store).add({ ...refusal, reason: 'old' }, noon);
    await createDeadLetters(store).add(refusal, noon + 2 * dayMs);
    await createSpool(store).put(['a b=1'], noon);

    clock.jumpTo(noon + 31 * dayMs);
    await createSpool(store).put(['a b=2'], clock.now());

    expect((await createDeadLetters(store).list({ limit: 9 })).letters).toMatchObject([{ reason: 'bad' }]);
    expect(await createSpool(store).list()).toHaveLength(2);
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
    const spool = createSpool(server.store());
    await server.close();
    await expect(spool.put(['a b=1'], noon)).rejects.toThrow(/ECONNREFUSED|ECONNRESET/);
  });

  it('that is in trouble fails the call', async () => {
    const server = await startS3Server();
    onTestFinished(() => server.close());
    server.fail(503);
    await expect(createSpool(server.store()).list()).rejects.toThrow();
  });
});

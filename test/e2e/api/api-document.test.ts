import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFolderSpool } from '../../../infra/local/store/folder-spool.ts';
import { createBreaker } from '../../../lambda/influx/delivery/breaker.ts';
import { createDeadLetters } from '../../../lambda/influx/spool/dead-letters.ts';
import { systemClock } from '../../../lambda/runtime/clock.ts';
import { startAdminRig, tokens } from '../../support/rigs/api-rig.ts';
import type { AdminRig } from '../../support/rigs/api-rig.ts';
import { describeWithParts, partsFolder } from '../support/parts.ts';

const schemathesis = join(partsFolder, 'schemathesis/bin/schemathesis');
const settings = join(import.meta.dirname, '../support/schemathesis.toml');

describeWithParts('The admin API as its own document says', () => {
  let rig: AdminRig;
  let folder: string;

  beforeAll(async () => {
    // Made-up targets are asked by nobody: no address is connected to.
    const failure = { kind: 'refused', message: 'nobody is there' } as const;
    const fetchReport = () => Promise.resolve({ ok: false as const, failure, durationMs: 0 });
    const openInflux = () => ({
      write: () => Promise.resolve({ outcome: 'delivered' as const }),
      close: () => undefined,
    });
    folder = await mkdtemp(join(tmpdir(), 'locust2influx-api-document-'));
    const deadLetters = createDeadLetters(await createFolderSpool(folder, systemClock));
    for (const atMs of [0, 1, 2]) await deadLetters.add({ lines: ['m f=1 0'], status: 422, reason: 'too old' }, atMs);
    rig = await startAdminRig('over HTTP', () => ({
      deadLetters,
      openLocust: () => ({ fetchReport, close: () => undefined }),
      reports: { openInflux, spoolStore: undefined, breaker: createBreaker(), observer: {} },
    }));
  });

  afterAll(async () => {
    await rig.close();
    await rm(folder, { recursive: true });
  });

  test('answers a thousand made-up requests without a 500, and every one as documented', async () => {
    const args = ['--config-file', settings, 'run', `${rig.url ?? ''}/openapi.json`, '--no-color'];
    const env = { ...process.env, TOKEN: tokens.admin };

    const run = await promisify(execFile)(schemathesis, args, { env, cwd: tmpdir(), maxBuffer: 1e8 }).catch(
      (error: unknown) => error as { stdout: string },
    );

    expect(run.stdout).toMatch(/Fuzzing/);
    expect(run.stdout.slice(-6000)).toMatch(/No issues found|Test cases:\n {2}\d{3,} generated, \d+ passed/);
    expect(rig.failures).toEqual([]);
  });
});

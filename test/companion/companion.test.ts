import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAssets } from '../../lambda/api/http/read-assets.ts';
import { startAdminRig, transports } from '../support/rigs/api-rig.ts';
import type { AdminRig } from '../support/rigs/api-rig.ts';

describe.each(transports)('the file for locustfiles, %s', (transport) => {
  const text = '"""Reports a Locust\'s statistics – é."""\n';
  let rig: AdminRig;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'locust2influx-companion-'));
    await writeFile(join(folder, 'locust2influx.py'), text);
    const assets = readAssets(pathToFileURL(`${folder}/`));
    rig = await startAdminRig(transport, () => ({ assets }));
  });
  afterAll(async () => {
    await rig.close();
    await rm(folder, { recursive: true });
  });

  it('is there for everybody, as text, and not sent again to who has it', async () => {
    const answer = await rig.ask('GET /locust2influx.py', { token: null });
    const again = await rig.ask('GET /locust2influx.py', { token: null, headers: { 'if-none-match': answer.etag } });

    expect(answer).toMatchObject({ status: 200, text });
    expect(answer.headers.get('content-type')).toBe('text/x-python; charset=utf-8');
    expect(again.status).toBe(304);
  });
});

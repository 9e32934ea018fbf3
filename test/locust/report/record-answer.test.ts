import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { startLocustServer } from '../../support/locust/locust-server.ts';
import { recordAnswer } from '../../support/locust/record-answer.ts';
import { answer } from '../../support/locust/report-text.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recorded-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function startSaying(text: string): Promise<string> {
  const server = await startLocustServer((request, response) => {
    response.statusCode = request.url === '/stats/requests' ? 200 : 404;
    response.end(text);
  });
  onTestFinished(() => server.close());
  return server.url;
}

describe('recording an answer of a Locust', () => {
  it('keeps it byte for byte, under its label and state', async () => {
    const said = answer({ state: 'spawning' });
    const path = await recordAnswer({ url: `${await startSaying(said)}/`, label: '2.48.0-local', folder });
    expect(path).toBe(join(folder, '2.48.0-local.spawning.json'));
    expect(await readFile(path, 'utf8')).toBe(said);
  });

  it('never replaces a recording', async () => {
    const options = { url: await startSaying(answer({})), label: '2.48.0-local', folder };
    await recordAnswer(options);
    await expect(recordAnswer(options)).rejects.toThrow('never replaced');
  });

  it('keeps nothing of what is no Locust, and says so', async () => {
    const url = await startSaying('<html></html>');
    await expect(recordAnswer({ url, label: '2.48.0-local', folder })).rejects.toThrow('is no Locust');
    expect(await readdir(folder)).toEqual([]);
  });

  it.each(['latest', '2.48.0', '../2.48.0-local'])('takes no label such as %s', async (label) => {
    await expect(recordAnswer({ url: 'http://127.0.0.1:9', label, folder })).rejects.toThrow('is no label');
  });
});

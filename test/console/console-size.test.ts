import { once } from 'node:events';
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { expect, onTestFinished, test, vi } from 'vitest';
import { buildFunctions } from '../../infra/build-functions.ts';
import { npmStart, project } from '../support/rigs/typescript-program.ts';

/** "60 KB in all", in the smaller of its two meanings, as they are sent to a browser. */
const maxBytes = 60_000;
/** A whole process starts here, and all bundles are built, which takes long on a machine that is busy. */
vi.setConfig({ testTimeout: 120_000 });

/** A folder that goes when the test does. */
async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'locust2influx-console-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

interface ServedPage {
  /** By path. */
  readonly texts: ReadonlyMap<string, string>;
  /** Of all of them together, as they are sent to who takes gzip. */
  readonly sentBytes: number;
}

/** The page's files as `npm start` answers them: `/`, and what it and the files behind it ask for. */
async function servedPage(): Promise<ServedPage> {
  const url = await startNpmStart();
  const files = new Map<string, string>();
  let sentBytes = 0;
  const wanted = ['/'];
  for (let path = wanted.pop(); path !== undefined; path = wanted.pop()) {
    if (files.has(path)) continue;
    const response = await fetch(`${url}${path}`);
    expect(response.status, path).toBe(200);
    const text = await response.text();
    files.set(path, text);
    sentBytes += await bytesOf(`${url}${path}`);
    const named = text.matchAll(/(?:\b(?:src|href)=|\bfrom|\bimport|url\()\s*["']?\.?\/?([\w-]+\.(?:js|css|svg))\b/g);
    wanted.push(...[...named].map(([, name]) => `/${name ?? ''}`));
  }
  return { texts: files, sentBytes };
}

/** How many bytes an answer's body has on its way. */
async function bytesOf(url: string): Promise<number> {
  const [response] = (await once(get(url, { headers: { 'accept-encoding': 'gzip' } }), 'response')) as [
    IncomingMessage,
  ];
  let bytes = 0;
  for await (const piece of response) bytes += (piece as Buffer).length;
  return bytes;
}

async function startNpmStart(): Promise<string> {
  const folder = await temporaryFolder();
  const child = spawn(process.execPath, [...npmStart, '--data', folder, '--port', '0'], {
    cwd: project,
    env: { PATH: process.env['PATH'] },
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return new Promise((resolve, reject) => {
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data: Buffer) => {
        text += data.toString();
        const [, url] = /Page and API at (http:\/\/127\.0\.0\.1:\d+)/.exec(text) ?? [];
        if (url !== undefined) resolve(url);
      });
    }
    void ended.then(() => {
      reject(new Error(`it ended: ${text}`));
    });
  });
}

test('the page takes at most 60 kB in all, as it is sent, and npm start serves what lies in the Lambda', async () => {
  const { texts: served, sentBytes } = await servedPage();
  expect([...served.keys()].sort()).toEqual(['/', '/icon.svg', '/main.js', '/style.css']);
  expect(sentBytes).toBeGreaterThan(10_000);
  expect(sentBytes).toBeLessThanOrEqual(maxBytes);

  const folder = await temporaryFolder();
  await buildFunctions(folder);
  const page = join(folder, 'api', 'console');
  const names = await readdir(page);
  const deployed = await Promise.all(
    names.map(async (name) => [name, await readFile(join(page, name), 'utf8')] as const),
  );
  expect(new Map(deployed.map(([name, text]) => [name === 'index.html' ? '/' : `/${name}`, text]))).toEqual(
    new Map([...served].sort()),
  );
});

test('the page names no other host, and has no script or style in its HTML', async () => {
  const { texts: served } = await servedPage();
  const withHosts = [...served].filter(([, text]) =>
    // Namespaces of SVG, and the example that the page shows, are asked for by nobody.
    /https?:\/\/(?!localhost|www\.w3\.org|shop\.example\.com)[\w.-]/.test(text),
  );
  expect(withHosts).toEqual([]);
  expect(served.get('/')).not.toMatch(/<style|style="|\son\w+=|<script(?![^>]*\ssrc=)/);
});

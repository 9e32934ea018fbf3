import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { expect, onTestFinished, test, vi } from 'vitest';
import { buildFunctions } from '../../infra/build.ts';

/** "60 KB all told", in the smaller of its two meanings. */
const maxBytes = 60_000;
const project = join(import.meta.dirname, '../..');
/** A whole process starts here, and all bundles are built, which takes long on a machine that is busy. */
vi.setConfig({ testTimeout: 120_000 });

/** A folder that goes when the test does. */
async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'locust2influx-console-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The page's files by path as `npm start` answers them: `/`, and what it and the files behind it ask for. */
async function servedFiles(): Promise<ReadonlyMap<string, string>> {
  const url = await startNpmStart();
  const files = new Map<string, string>();
  const wanted = ['/'];
  for (let path = wanted.pop(); path !== undefined; path = wanted.pop()) {
    if (files.has(path)) continue;
    const response = await fetch(`${url}${path}`);
    expect(response.status, path).toBe(200);
    const text = await response.text();
    files.set(path, text);
    const named = text.matchAll(/(?:\b(?:src|href)=|\bfrom|\bimport|url\()\s*["']?\.?\/?([\w-]+\.(?:js|css|svg))\b/g);
    wanted.push(...[...named].map(([, name]) => `/${name ?? ''}`));
  }
  return files;
}

async function startNpmStart(): Promise<string> {
  const folder = await temporaryFolder();
  const child = spawn(process.execPath, ['infra/local/main.ts', '--data', folder, '--port', '0'], {
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
        const [url] = /http:\/\/127\.0\.0\.1:\d+(?=\/#)/.exec(text) ?? [];
        if (url !== undefined) resolve(url);
      });
    }
    void ended.then(() => {
      reject(new Error(`it ended: ${text}`));
    });
  });
}

const sizeOf = (texts: Iterable<string>): number => [...texts].reduce((sum, text) => sum + Buffer.byteLength(text), 0);

test('the page takes at most 60 kB all told, as npm start serves it and as it lies in the Lambda, the same in both', async () => {
  const served = await servedFiles();
  expect([...served.keys()].sort()).toEqual(['/', '/icon.svg', '/main.js', '/style.css']);
  expect(sizeOf(served.values())).toBeLessThanOrEqual(maxBytes);

  const folder = await temporaryFolder();
  await buildFunctions(folder);
  const page = join(folder, 'admin', 'console');
  const names = await readdir(page);
  const deployed = await Promise.all(
    names.map(async (name) => [name, await readFile(join(page, name), 'utf8')] as const),
  );
  expect(new Map(deployed.map(([name, text]) => [name === 'index.html' ? '/' : `/${name}`, text]))).toEqual(
    new Map([...served].sort()),
  );
  expect(sizeOf(deployed.map(([, text]) => text))).toBeLessThanOrEqual(maxBytes);
});

test('the page names no other host, and has no script or style in its HTML', async () => {
  const served = await servedFiles();
  const withHosts = [...served].filter(([, text]) =>
    // Namespaces of SVG, and the example that the page shows, are asked for by nobody.
    /https?:\/\/(?!localhost|www\.w3\.org)[\w.-]/.test(text),
  );
  expect(withHosts).toEqual([]);
  expect(served.get('/')).not.toMatch(/<style|style="|\son\w+=|<script(?![^>]*\ssrc=)/);
});

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { buildConsole } from '../../infra/build-console.ts';
import { readAssets } from '../../lambda/admin/read-assets.ts';

const maxBytes = 60_000;

test('the page takes at most 60 kB all told, as it is deployed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'locust2influx-console-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await buildConsole(folder);
  const files = await readdir(folder);
  expect(files.sort()).toEqual(['icon.svg', 'index.html', 'main.js', 'style.css']);
  const sizes = await Promise.all(files.map(async (file) => (await readFile(join(folder, file))).length));
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(maxBytes);
});

test('the page names no other host, and has no script or style in its HTML', () => {
  const assets = readAssets(new URL('../../lambda/admin/console/', import.meta.url));
  const texts = [...assets].map(([path, { body }]) => ({ path, text: Buffer.from(body).toString() }));
  expect(assets.has('/')).toBe(true);
  const withHosts = texts.filter(({ text }) =>
    /(?:src|href|url\(|import|fetch\()[^\n]*https?:\/\/(?!localhost)/.test(text),
  );
  expect(withHosts).toEqual([]);
  const html = texts.find(({ path }) => path === '/')?.text ?? '';
  expect(html).not.toMatch(/<style|style="|\son\w+=|<script(?![^>]*\ssrc=)/);
});

import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import type { Asset } from './admin-ports.ts';

const contentTypes: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.svg', 'image/svg+xml; charset=utf-8'],
  ['.json', 'application/json; charset=utf-8'],
  ['.webmanifest', 'application/manifest+json; charset=utf-8'],
  ['.png', 'image/png'],
  ['.ico', 'image/x-icon'],
  ['.woff2', 'font/woff2'],
]);

/**
 * The page's files as they lie in one folder: `index.html` under `/`, each other under its own name. Files of other
 * kinds, sources say, are left out, and so are folders.
 * @param folder ends with a slash. No page is served when it is missing
 */
export function readAssets(folder: URL): ReadonlyMap<string, Asset> {
  const assets = new Map<string, Asset>();
  for (const name of namesIn(folder)) {
    const contentType = contentTypes.get(extname(name));
    if (contentType === undefined) continue;
    const body = new Uint8Array(readFileSync(new URL(name, folder)));
    assets.set(name === 'index.html' ? '/' : `/${name}`, { contentType, body });
  }
  return assets;
}

function namesIn(folder: URL): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

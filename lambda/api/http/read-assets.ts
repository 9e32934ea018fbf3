import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import type { ApiPorts, Asset } from '../api-ports.ts';

const contentTypes: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.svg', 'image/svg+xml; charset=utf-8'],
  ['.json', 'application/json; charset=utf-8'],
  ['.webmanifest', 'application/manifest+json; charset=utf-8'],
  ['.py', 'text/x-python; charset=utf-8'],
  ['.whl', 'application/zip'],
  ['.png', 'image/png'],
  ['.ico', 'image/x-icon'],
  ['.woff2', 'font/woff2'],
]);

/**
 * The page's files as they are served: `index.html` under `/`, each other under its own name. Files of other kinds,
 * sources say, are left out.
 */
export function toAssets(files: Iterable<readonly [name: string, body: Uint8Array<ArrayBuffer>]>): ApiPorts['assets'] {
  const assets = new Map<string, Asset>();
  for (const [name, body] of files) {
    const contentType = contentTypes.get(extname(name));
    if (contentType !== undefined) assets.set(name === 'index.html' ? '/' : `/${name}`, { contentType, body });
  }
  return assets;
}

/**
 * Files as they lie in one folder, without the folders in it: those of the page, or the one for locustfiles.
 * @param folder ends with a slash. Nothing is served from it when it is missing
 */
export function readAssets(folder: URL): ApiPorts['assets'] {
  return toAssets(namesIn(folder).map((name) => [name, new Uint8Array(readFileSync(new URL(name, folder)))]));
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

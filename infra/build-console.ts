import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { buildSync } from 'esbuild';

const source = join(import.meta.dirname, '../lambda/console');

/**
 * The admin API's page as it is served everywhere: its modules in one file and its style sheets in one, four requests
 * instead of forty. Blocks for some tens of ms, and leaves no process of esbuild behind.
 * @returns the files by name, `index.html` among them
 */
export function buildConsole(): ReadonlyMap<string, Uint8Array<ArrayBuffer>> {
  const { outputFiles } = buildSync({
    entryPoints: [join(source, 'main.js'), join(source, 'styles/style.css')],
    outdir: source,
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    legalComments: 'none',
    charset: 'utf8',
  });
  const built = outputFiles.map(({ path, contents }) => [basename(path), new Uint8Array(contents)] as const);
  const html = readFileSync(join(source, 'index.html'), 'utf8').replace(/\n\s*/g, '');
  const icon = new Uint8Array(readFileSync(join(source, 'icon.svg')));
  return new Map([...built, ['index.html', new TextEncoder().encode(html)], ['icon.svg', icon]]);
}

/** Writes the page's files into a folder, which is made when it is missing. */
export async function writeConsole(outdir: string): Promise<void> {
  await mkdir(outdir, { recursive: true });
  await Promise.all([...buildConsole()].map(([name, body]) => writeFile(join(outdir, name), body)));
}

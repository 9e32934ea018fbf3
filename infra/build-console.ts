import { copyFile } from 'node:fs/promises';
import { build } from 'esbuild';

const source = new URL('../lambda/admin/console/', import.meta.url).pathname;

/**
 * Puts the admin API's page into a folder, under the names that it has in lambda/admin/console/, with its modules in
 * one file and its style sheets in one: four requests to a Lambda instead of forty.
 */
export async function buildConsole(outdir: string): Promise<void> {
  await build({
    entryPoints: [`${source}main.js`, `${source}style.css`],
    outdir,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    legalComments: 'none',
  });
  for (const name of ['index.html', 'icon.svg']) await copyFile(`${source}${name}`, `${outdir}/${name}`);
}

import { join } from 'node:path';
import { buildSync } from 'esbuild';

/** The project's root. */
export const project = join(import.meta.dirname, '../../..');

/** How a TypeScript program is run everywhere: `node <runner> <program> [argument …]`. */
export const runner = join(project, 'infra/run.js');

/** `npm start`, as `node` is to be given it, with its options behind. */
export const npmStart: readonly string[] = [runner, join(project, 'infra/local/main.ts')];

/**
 * A TypeScript text that stands for a module in the project's root, as `node --input-type=module -` takes it on its
 * standard input in that folder.
 */
export function moduleText(contents: string): string {
  const { outputFiles } = buildSync({
    stdin: { contents, resolveDir: project, loader: 'ts' },
    write: false,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
  });
  return outputFiles[0]?.text ?? '';
}

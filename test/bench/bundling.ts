import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { buildFunctions, bundleSettings } from '../../infra/build-functions.ts';

/** Bundles the functions as they are deployed. @returns the folder of the collector, which holds nothing else */
export async function buildCollector(folder: string): Promise<string> {
  await buildFunctions(folder);
  return join(folder, 'collector');
}

/** Bundles a file of the project with the settings of the build. */
export async function bundleProgram(entry: URL, outfile: string): Promise<URL> {
  await build({ ...bundleSettings, entryPoints: [fileURLToPath(entry)], outfile });
  return pathToFileURL(outfile);
}

/** Bundles a text that stands for a file of the project with the settings of the build. */
export async function bundleText(contents: string, outfile: string): Promise<URL> {
  const resolveDir = fileURLToPath(new URL('../..', import.meta.url));
  await build({ ...bundleSettings, stdin: { contents, resolveDir }, outfile });
  return pathToFileURL(outfile);
}

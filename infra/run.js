// Runs one of the project's TypeScript programs on the Node that is there:
//
//   node infra/run.js <program.ts> [argument …]
//
// esbuild makes one file of the program and of what it imports from the project, under dist/programs/, and that is
// imported. Packages stay as they are installed. This takes a fifth of a second, and no loader slows the imports down.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const project = join(dirname(fileURLToPath(import.meta.url)), '..');
/** As in package.json: what `target` below and the compiler's `lib` stand for, too. */
const oldestNode = '20.19';

/** What a person can mend: shown without a stack trace. */
class PlainError extends Error {}

async function main() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldestMajor, oldestMinor] = oldestNode.split('.').map(Number);
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    throw new PlainError(`This needs Node ${oldestNode} or later, and this is Node ${process.versions.node}.`);
  }
  const [, , program] = process.argv;
  if (program === undefined) throw new PlainError('Usage: node infra/run.js <program.ts> [argument …]');
  // The program sees the arguments that it would see if Node ran it itself.
  process.argv.splice(1, 2, resolve(program));
  // The AWS SDK would speak first, and of later releases than the one that the lock file names.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  process.setSourceMapsEnabled(true);
  await importInstalled(pathToFileURL(await build(resolve(program))).href);
}

/** @returns the path of the file that was made */
async function build(program) {
  const esbuild = await importInstalled('esbuild');
  const outfile = join(project, 'dist/programs', relative(project, program).replace(/\.ts$/, '.js'));
  const { outputFiles } = await esbuild.build({
    entryPoints: [program],
    outfile,
    write: false,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: `node${oldestNode}`,
    sourcemap: 'inline',
    sourcesContent: false,
    define: { 'import.meta.dirname': 'sourceFolder', 'import.meta.url': 'sourceUrl' },
    plugins: [sourcePlaces],
    absWorkingDir: project,
  });
  await esbuild.stop();
  const [{ contents }] = outputFiles;
  const before = await readFile(outfile).catch(() => undefined);
  if (before === undefined || !before.equals(contents)) await writeWhole(outfile, contents);
  return outfile;
}

/** A module finds the files that lie beside its source, wherever the built file lies: see `define` above. */
const sourcePlaces = {
  name: 'source-places',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const [folder, url] = [dirname(path), pathToFileURL(path).href].map((place) => JSON.stringify(place));
      // On the first line, so that the lines of stack traces are right.
      return { contents: `const sourceFolder = ${folder}, sourceUrl = ${url}; ${source}`, loader: 'ts' };
    });
  },
};

/** Others may start the same program at the same time. */
async function writeWhole(path, contents) {
  const temporary = `${path}.${process.pid}`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(temporary, contents);
  await rename(temporary, path);
}

/** @throws PlainError when a package is missing */
async function importInstalled(name) {
  try {
    return await import(name);
  } catch (error) {
    const isMissing = error.code === 'ERR_MODULE_NOT_FOUND' && error.message.startsWith('Cannot find package');
    throw isMissing ? new PlainError('Not installed yet. Run this first: npm ci') : error;
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof PlainError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build as bundle } from 'esbuild';
import type { BuildOptions, Plugin } from 'esbuild';
import { writeConsole } from './build-console.ts';
import { companionFiles } from './companion-files.ts';

/** The functions, by the name of their folder under lambda/, where handler.ts exports `handler`. */
const functions = ['collector', 'api', 'influx-setup'] as const;

export type FunctionName = (typeof functions)[number];

/** How the SDK finds credentials elsewhere than in a function's environment: never loaded there, a fifth of the bundle. */
const otherCredentialProviders = [
  '@aws-sdk/credential-provider-http',
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-login',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@aws-sdk/nested-clients/*',
  '@aws-sdk/token-providers',
  '@smithy/credential-provider-imds',
];

/** The OpenAPI package takes in zod's messages in all languages, of which only English is used: a quarter of the bundle. */
const englishOnly: Plugin = {
  name: 'english-only',
  setup(build) {
    build.onLoad({ filter: /[/\\]zod[/\\]v4[/\\]locales[/\\]index\.js$/ }, () => {
      return { contents: "export { default as en } from './en.js';" };
    });
  },
};

/** What every bundle has in common. */
export const bundleSettings = {
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  // The ES modules of the AWS SDK, of which esbuild can leave out what is unused.
  mainFields: ['module', 'main'],
  external: otherCredentialProviders,
  legalComments: 'none',
  // CommonJS packages inside an ES module still call require for Node's own modules.
  banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
} satisfies BuildOptions;

/**
 * Bundles the functions for Node 24 into <outdir>/<function>/index.mjs: what is deployed, and what is tested. What a
 * function imports only when it needs it lies in files of its own beside that, so that a start does not read it; the
 * admin API's page lies in <outdir>/api/console/, what locustfiles import in <outdir>/api/companion/. The same
 * sources give the same bytes, which everybody may read. Empties each folder first.
 */
export async function buildFunctions(outdir: string): Promise<void> {
  await Promise.all(functions.map((name) => buildFunction(name, `${outdir}/${name}`)));
  await writeConsole(`${outdir}/api/console`);
  await mkdir(`${outdir}/api/companion`, { recursive: true });
  for (const [name, content] of companionFiles()) await writeFile(`${outdir}/api/companion/${name}`, content);
  await Promise.all(functions.map((name) => letAllRead(`${outdir}/${name}`)));
}

/**
 * Lambda runs a bundle as another user than who owns its files, with the permissions that they were uploaded with. CDK
 * uploads the same content once: a bundle that nobody else may read would stay, whatever is deployed later.
 */
async function letAllRead(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  }
}

async function buildFunction(name: FunctionName, outdir: string): Promise<void> {
  await rm(outdir, { recursive: true, force: true });
  await bundle({
    ...bundleSettings,
    entryPoints: { index: `lambda/${name}/handler.ts` },
    absWorkingDir: join(import.meta.dirname, '..'),
    outdir,
    splitting: true,
    plugins: [englishOnly],
    chunkNames: 'later-[hash]',
    outExtension: { '.js': '.mjs' },
  });
}

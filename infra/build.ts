import { build } from 'esbuild';

/** The functions, by the name of their folder under lambda/. */
const functions = ['collector'] as const;

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

/**
 * Bundles the functions for Node 24 into <outdir>/<name>/index.mjs: what is deployed, and what is tested.
 * `mainFields` makes esbuild take the ES modules of the AWS SDK, of which it can leave out what is unused.
 */
export async function buildFunctions(outdir: string): Promise<void> {
  await Promise.all(
    functions.map((name) =>
      build({
        entryPoints: { index: `lambda/${name}/handler.ts` },
        outdir: `${outdir}/${name}`,
        bundle: true,
        minify: true,
        platform: 'node',
        target: 'node24',
        format: 'esm',
        outExtension: { '.js': '.mjs' },
        mainFields: ['module', 'main'],
        external: otherCredentialProviders,
        legalComments: 'none',
        // CommonJS packages inside an ES module still call require for Node's own modules.
        banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
      }),
    ),
  );
}

if (import.meta.main) await buildFunctions('dist');

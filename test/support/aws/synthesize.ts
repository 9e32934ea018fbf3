import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { addStacks } from '../../../infra/stacks/add-stacks.ts';

const cdkJson = JSON.parse(readFileSync(new URL('../../../cdk.json', import.meta.url), 'utf8')) as {
  readonly context: Readonly<Record<string, unknown>>;
};
/** The CDK's own flags out of cdk.json's context, without the settings that somebody may have put there. */
const flags = Object.fromEntries(Object.entries(cdkJson.context).filter(([name]) => name.startsWith('@')));

/** What somebody gives who has an InfluxDB. */
export const ownInflux = {
  influxUrl: 'https://influx.example.com',
  influxOrg: 'my-org',
  influxBucket: 'locust',
  influxTokenSecret: 'my/influx-token',
} as const;

export type StackName = 'storage' | 'database' | 'collector' | 'admin' | 'monitoring';

export interface Synthesized {
  /** A stack's template by the last word of its name. */
  template(stack: StackName): Template;
  readonly stacks: readonly string[];
  /** All files of the assembly's templates, as they are deployed. */
  readonly texts: Readonly<Record<string, string>>;
}

/** Synthesizes the whole app with stand-ins for the bundles, as `cdk synth -c …` does. @throws what synth says */
export function synthesize(settings: Readonly<Record<string, unknown>>): Synthesized {
  const { name = 'locust2influx' } = settings as { readonly name?: string };
  const texts = synthesizeApp(settings, addStacks);
  return {
    stacks: Object.keys(texts),
    texts,
    template(stack) {
      const text = texts[`${name}-${stack}`];
      if (text === undefined) throw new Error(`there is no stack ${stack}`);
      return Template.fromString(text);
    },
  };
}

/**
 * Synthesizes an app with stand-ins for the bundles.
 * @param add adds stacks to it
 * @returns the templates by the names of their stacks
 * @throws what synth says
 */
export function synthesizeApp(
  context: Readonly<Record<string, unknown>>,
  add: (app: App, bundlesFolder: string) => unknown,
): Readonly<Record<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), 'synth-'));
  try {
    for (const name of ['collector', 'api', 'influx-setup']) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'index.mjs'), `// ${name}`);
    }
    const app = new App({ context: { ...flags, ...context }, outdir: join(folder, 'out') });
    add(app, folder);
    const stacks = app.synth().stacksRecursively;
    return Object.fromEntries(stacks.map((stack) => [stack.stackName, readFileSync(stack.templateFullPath, 'utf8')]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

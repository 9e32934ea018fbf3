// What the CDK runs: see cdk.json.
import { App } from 'aws-cdk-lib';
import { buildFunctions } from './build-functions.ts';
import { SettingsError } from './settings/settings-error.ts';
import { addStacks } from './stacks/add-stacks.ts';

const bundlesFolder = 'dist';
try {
  const app = new App();
  await buildFunctions(bundlesFolder);
  addStacks(app, bundlesFolder);
  app.synth();
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  // Without a stack trace, which would help nobody.
  process.stderr.write(`\n${error.message}\n\n`);
  process.exitCode = 1;
}

import { Validations } from 'aws-cdk-lib';
import type { App } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { leadsElsewhere } from '../settings/influx-url.ts';
import { parseSettings } from '../settings/settings.ts';
import { addDeployment } from './add-deployment.ts';

/**
 * Adds all stacks to an app, according to its context, and the checks that they have to pass.
 * @param bundlesFolder where `buildFunctions` wrote
 * @throws SettingsError
 */
export function addStacks(app: App, bundlesFolder: string): void {
  // The first is set when the CLI deploys to an emulator instead of AWS; the second says where the CLI deploys to.
  const { AWS_ENDPOINT_URL: emulator = '', CDK_DEFAULT_REGION: region } = process.env;
  const isEmulated = URL.canParse(emulator) && !leadsElsewhere(emulator);
  const settings = parseSettings(app.node.getAllContext() as Record<string, unknown>, { isEmulated, region });
  addDeployment(app, settings, bundlesFolder);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
}

import { App, Arn, ArnFormat, Aws, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { buildFunctions } from './build.ts';
import type { InfluxDestination } from './constructs/influx-destination.ts';
import { leadsElsewhere } from './influx-url.ts';
import { parseSettings, SettingsError } from './settings.ts';
import type { InfluxSettings } from './settings.ts';
import { AdminStack } from './stacks/admin-stack.ts';
import { CollectorStack } from './stacks/collector-stack.ts';
import { DatabaseStack } from './stacks/database-stack.ts';
import { MonitoringStack } from './stacks/monitoring-stack.ts';
import { StorageStack } from './stacks/storage-stack.ts';

const name = 'locust2influx';

/**
 * Adds all stacks to an app, as its context says, and the checks that they have to pass.
 * @param bundlesFolder what `buildFunctions` made
 * @throws SettingsError
 */
export function addStacks(app: App, bundlesFolder: string): void {
  // Where the CLI deploys to, when not to AWS.
  const { AWS_ENDPOINT_URL: emulator = '' } = process.env;
  const isEmulated = URL.canParse(emulator) && !leadsElsewhere(emulator);
  const settings = parseSettings(app.node.getAllContext() as Record<string, unknown>, { isEmulated });
  const { logRetentionDays } = settings;
  const surroundings = { bundlesFolder, logRetentionDays };
  const storage = new StorageStack(app, `${name}-storage`, settings);
  const { influx: chosen } = settings;
  const influx =
    chosen.kind === 'own'
      ? influxThatIsThere(chosen)
      : new DatabaseStack(app, `${name}-database`, { settings, influx: chosen, surroundings }).influx;
  const parts = { settings, surroundings, storage, influx };
  const collector = new CollectorStack(app, `${name}-collector`, parts);
  const admin = new AdminStack(app, `${name}-admin`, parts);
  const { alias, deadLetters } = collector;
  new MonitoringStack(app, `${name}-monitoring`, { settings, collector: alias, deadLetters, api: admin.api });
  Tags.of(app).add('application', name);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
}

function influxThatIsThere({
  url,
  org,
  bucket,
  tokenSecret,
}: Extract<InfluxSettings, { kind: 'own' }>): InfluxDestination {
  const { PARTITION: partition, REGION: region, ACCOUNT_ID: account } = Aws;
  const secret = { service: 'secretsmanager', resource: 'secret', arnFormat: ArnFormat.COLON_RESOURCE_NAME };
  // Secrets Manager puts six random characters behind the name.
  const tokenSecretArn = Arn.format({ partition, region, account, ...secret, resourceName: `${tokenSecret}-??????` });
  return { url, org, bucket, tokenSecretId: tokenSecret, tokenSecretArn, inNetwork: undefined };
}

if (import.meta.main) {
  const bundlesFolder = 'dist';
  try {
    const app = new App();
    await buildFunctions(bundlesFolder);
    addStacks(app, bundlesFolder);
    app.synth();
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    // Without the stack trace, which tells nobody anything.
    process.stderr.write(`\n${error.message}\n\n`);
    process.exitCode = 1;
  }
}

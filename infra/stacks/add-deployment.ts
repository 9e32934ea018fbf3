import { Arn, ArnFormat, Aws, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { InfluxDestination } from '../constructs/influx-destination.ts';
import type { InfluxSettings } from '../settings/influx-settings.ts';
import type { Settings } from '../settings/settings.ts';
import { AdminStack } from './admin-stack.ts';
import { CollectorStack } from './collector-stack.ts';
import { DatabaseStack } from './database-stack.ts';
import { MonitoringStack } from './monitoring-stack.ts';
import { StorageStack } from './storage-stack.ts';

/** The stacks of one deployment, but for that of a managed InfluxDB. */
export interface Deployment {
  readonly storage: StorageStack;
  readonly collector: CollectorStack;
  readonly admin: AdminStack;
  readonly monitoring: MonitoringStack;
}

/**
 * Adds the stacks of one deployment, each tagged with its name.
 * @param scope an app or a stage
 * @param bundlesFolder where `buildFunctions` wrote
 */
export function addDeployment(scope: Construct, settings: Settings, bundlesFolder: string): Deployment {
  const { name, logRetentionDays, influx: chosen } = settings;
  const surroundings = { bundlesFolder, logRetentionDays };
  const storage = new StorageStack(scope, `${name}-storage`, settings);
  const database =
    chosen.kind === 'managed'
      ? new DatabaseStack(scope, `${name}-database`, { settings, influx: chosen, surroundings })
      : { influx: influxThatIsThere(chosen), instanceName: undefined };
  const { influx, instanceName: influxInstance } = database;
  const parts = { settings, surroundings, storage, influx };
  const collector = new CollectorStack(scope, `${name}-collector`, parts);
  const admin = new AdminStack(scope, `${name}-admin`, parts);
  const monitoring = new MonitoringStack(scope, `${name}-monitoring`, {
    ...{ settings, collector: collector.alias, api: admin.api },
    influxInstance,
  });
  const stacks = [storage, collector, admin, monitoring, ...(database instanceof DatabaseStack ? [database] : [])];
  for (const stack of stacks) Tags.of(stack).add('application', name);
  return { storage, collector, admin, monitoring };
}

function influxThatIsThere({
  url,
  org,
  bucket,
  tokenSecret,
}: Extract<InfluxSettings, { kind: 'own' }>): InfluxDestination {
  const { PARTITION: partition, REGION: region, ACCOUNT_ID: account } = Aws;
  const secret = { service: 'secretsmanager', resource: 'secret', arnFormat: ArnFormat.COLON_RESOURCE_NAME };
  // Secrets Manager appends six random characters to the name.
  const tokenSecretArn = Arn.format({ partition, region, account, ...secret, resourceName: `${tokenSecret}-??????` });
  return { url, org, bucket, tokenSecretId: tokenSecret, tokenSecretArn, inNetwork: undefined };
}

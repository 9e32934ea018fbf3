import { Stage, Token } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { GivenSettings } from './settings/given-settings.ts';
import { parseSettings } from './settings/settings.ts';
import { addDeployment } from './stacks/add-deployment.ts';

/** The settings of infra/README.md by the same names, and where the bundles are. */
export interface Locust2influxProps extends GivenSettings {
  /** Where `buildFunctions` (build-functions.ts) wrote the bundles before. */
  readonly bundlesFolder: string;
}

/**
 * All of locust2influx for an app of your own. It reads neither context nor environment. Its stacks are put beside it into
 * the same app or stage, where the CLI finds them by their names (`locust2influx-storage` and so on, see `name`); account
 * and region are those of the stage.
 */
export class Locust2influx extends Construct {
  /** The admin API and its page. */
  readonly api: HttpApi;
  /** The collector, by the alias that its schedules invoke. */
  readonly collector: IFunction;
  /** The topic that alarms on the platform notify, to subscribe more to. */
  readonly alarms: ITopic;

  /**
   * @param scope an app or a stage
   * @throws SettingsError that names each prop that is wrong, its value, and what is allowed
   */
  constructor(scope: Construct, id: string, { bundlesFolder, ...given }: Locust2influxProps) {
    super(scope, id);
    const region = Stage.of(this)?.region;
    const known = region === undefined || Token.isUnresolved(region) ? undefined : region;
    const settings = parseSettings({ ...given }, { region: known });
    const { admin, collector, monitoring } = addDeployment(scope, settings, bundlesFolder);
    this.api = admin.api;
    // With exactOptionalPropertyTypes, CDK's classes do not quite match its interfaces.
    this.collector = collector.alias as IFunction;
    this.alarms = monitoring.topic;
  }
}

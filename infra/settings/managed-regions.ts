import { SettingsError } from './settings-error.ts';

/**
 * Regions in which CloudFormation has no AWS::Timestream::InfluxDBInstance, by its registry of November 2026 (as in cfn-lint
 * 1.58.0). A region that is not here is left to CloudFormation: AWS adds some.
 */
const without: readonly string[] = [
  ...['af-south-1', 'ap-east-1', 'ap-east-2', 'ap-northeast-2', 'ap-south-2'],
  ...['ap-southeast-4', 'ap-southeast-5', 'ap-southeast-6', 'ap-southeast-7'],
  ...['ca-west-1', 'eu-central-2', 'il-central-1', 'us-gov-east-1', 'us-gov-west-1', 'us-west-1'],
];

/**
 * Refuses a managed InfluxDB where there is none.
 * @param region of the deployment; undefined: not known before it is deployed
 * @throws SettingsError
 */
export function requireManagedInflux(region: string | undefined): void {
  if (region === undefined || !without.includes(region)) return;
  throw new SettingsError(
    `influxManaged is true, but Amazon Timestream for InfluxDB does not exist in ${region}; deploy to another region (AWS_REGION, or region in the profile), or give influxUrl for an InfluxDB of your own`,
  );
}

import { CfnOutput, CustomResource, Duration, Fn, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { CfnInfluxDBInstance } from 'aws-cdk-lib/aws-timestream';
import type { Construct } from 'constructs';
import type { InfluxSetupVariables } from '../../lambda/influx-setup/env.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import { BundledFunction } from '../constructs/bundled-function.ts';
import type { FunctionSurroundings } from '../constructs/bundled-function.ts';
import type { InfluxDestination } from '../constructs/influx-destination.ts';
import { createNetwork } from '../constructs/managed-network.ts';
import { allowInflux, functionSecurityGroup, importNetwork, influxPort } from '../constructs/private-network.ts';
import type { InfluxInNetwork, Network } from '../constructs/private-network.ts';
import type { InfluxSettings } from '../settings/influx-settings.ts';
import type { Settings } from '../settings/settings.ts';

export interface DatabaseStackProps {
  readonly settings: Settings;
  readonly influx: Extract<InfluxSettings, { kind: 'managed' }>;
  readonly surroundings: Omit<FunctionSurroundings, 'network'>;
}

/** The smallest there is, and the least disk, GiB. */
const instance = {
  dbInstanceType: 'db.influx.medium',
  allocatedStorage: 20,
  dbStorageType: 'InfluxIOIncludedT1',
} as const;
/** The most subnets that an instance takes; one is enough for an instance in one zone. */
const maxInfluxSubnets = 3;
/** A new instance may take a minute before it answers. */
const setupTimeoutSeconds = 300;
/** Lambda retries a setup that was killed twice, after one minute and after two. After that no answer will come. */
const setupAnswerTimeout = Duration.minutes(20);

interface InstanceParts extends Pick<DatabaseStackProps, 'settings' | 'influx'> {
  readonly signIn: Secret;
  readonly network: Network;
  readonly securityGroup: SecurityGroup;
}

interface SetupParts extends Pick<DatabaseStackProps, 'influx'> {
  readonly url: string;
  readonly signIn: Secret;
  readonly token: Secret;
  readonly network: Network;
  readonly functions: SecurityGroup;
}

/** A managed InfluxDB, its network, which the functions join, and the token that they write with. */
export class DatabaseStack extends Stack {
  readonly influx: InfluxDestination;
  /** By which CloudWatch knows the instance. */
  readonly instanceName: string;

  constructor(scope: Construct, id: string, { settings, influx, surroundings }: DatabaseStackProps) {
    super(scope, id, { description: 'locust2influx: managed InfluxDB', terminationProtection: settings.retain });
    const network =
      settings.network === undefined ? createNetwork(this, settings) : importNetwork(this, settings.network);
    const securityGroup = new SecurityGroup(this, 'InfluxSecurityGroup', {
      vpc: network.vpc,
      // Another description would be another group.
      description: 'locust2influx InfluxDB: from the functions alone',
      allowAllOutbound: false,
    });
    const signIn = this.createSignIn(settings);
    this.instanceName = nameOfInstance(this, settings.name);
    const database = this.createInstance({ signIn, influx, settings, network, securityGroup });
    const url = `https://${database.attrEndpoint}:${influxPort}`;
    const token = this.createTokenSecret();
    const functions = functionSecurityGroup(this, network.vpc);
    const setup = this.createSetup(surroundings, { url, influx, signIn, token, network, functions });
    this.runSetup(setup, { instance: database.attrId, ...influx }).node.addDependency(
      setup,
      allowInflux(this, securityGroup, functions),
      network.vpc,
    );
    const { secretArn } = token;
    const inNetwork = { network, securityGroup };
    const { org, bucket } = influx;
    this.influx = { org, bucket, url, tokenSecretId: secretArn, tokenSecretArn: secretArn, inNetwork };

    this.describe(url, signIn, inNetwork);
  }

  /** Outputs for people who look into the database. */
  private describe(url: string, signIn: Secret, { network, securityGroup }: InfluxInNetwork): void {
    new CfnOutput(this, 'InfluxUrl', { value: url });
    new CfnOutput(this, 'ShowInfluxSignIn', {
      value: `aws secretsmanager get-secret-value --secret-id ${signIn.secretArn} --query SecretString --output text --region ${this.region}`,
    });
    new CfnOutput(this, 'InfluxNetwork', {
      description: 'The VPC of InfluxDB, and subnets in it',
      value: [network.vpc.vpcId, ...network.subnets.map(({ subnetId }) => subnetId)].join(' '),
    });
    new CfnOutput(this, 'AllowAtInflux', {
      description: 'Lets others reach InfluxDB; replace sg-of-readers by their security group',
      value: `aws ec2 authorize-security-group-ingress --group-id ${securityGroup.securityGroupId} --protocol tcp --port ${influxPort} --source-group sg-of-readers --region ${this.region}`,
    });
  }

  private createSetup(surroundings: DatabaseStackProps['surroundings'], parts: SetupParts): BundledFunction {
    const { url, influx, signIn, token, network, functions } = parts;
    const variables: InfluxSetupVariables = {
      INFLUX_URL: url,
      INFLUX_ORG: influx.org,
      INFLUX_BUCKET: influx.bucket,
      SIGN_IN_SECRET: signIn.secretArn,
      TOKEN_SECRET: token.secretArn,
      INFLUX_RETENTION_DAYS: influx.retentionDays === undefined ? undefined : String(influx.retentionDays),
    };
    const setup = new BundledFunction(this, 'Setup', {
      ...surroundings,
      network: { ...network, securityGroup: functions },
      bundle: 'influx-setup',
      description: 'Creates the token that writes lines to InfluxDB, and sets how long it keeps points',
      memoryMb: 256,
      timeoutSeconds: setupTimeoutSeconds,
      variables,
    });
    setup.allow(['secretsmanager:GetSecretValue'], [signIn.secretArn, token.secretArn]);
    setup.allow(['secretsmanager:PutSecretValue'], [token.secretArn]);
    return setup;
  }

  private createSignIn({ retain }: Settings): Secret {
    const secret = new Secret(this, 'SignIn', {
      description: "locust2influx: InfluxDB's first user",
      generateSecretString: {
        // Never change it: CloudFormation would generate another password, which InfluxDB would not learn of.
        secretStringTemplate: JSON.stringify({ username: 'admin' }),
        generateStringKey: 'password',
        passwordLength: 48,
        excludePunctuation: true,
      },
      removalPolicy: retain ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
    });
    acknowledge(
      secret,
      'SMG4',
      'InfluxDB takes this password when it is created; afterwards it is changed in InfluxDB.',
    );
    return secret;
  }

  private createTokenSecret(): Secret {
    const secret = new Secret(this, 'Token', {
      description: 'locust2influx: the token that writes lines to InfluxDB',
      // A placeholder, until the setup puts a token here.
      generateSecretString: { passwordLength: 48, excludePunctuation: true },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    acknowledge(secret, 'SMG4', 'The setup makes a new token whenever this one no longer works.');
    return secret;
  }

  private createInstance(parts: InstanceParts): CfnInfluxDBInstance {
    const { signIn, influx, network, securityGroup, settings } = parts;
    const database = new CfnInfluxDBInstance(this, 'Influx', {
      ...instance,
      name: this.instanceName,
      organization: influx.org,
      bucket: influx.bucket,
      username: signIn.secretValueFromJson('username').unsafeUnwrap(),
      password: signIn.secretValueFromJson('password').unsafeUnwrap(),
      deploymentType: 'SINGLE_AZ',
      port: influxPort,
      publiclyAccessible: false,
      vpcSubnetIds: network.subnets.slice(0, maxInfluxSubnets).map(({ subnetId }) => subnetId),
      vpcSecurityGroupIds: [securityGroup.securityGroupId],
    });
    database.applyRemovalPolicy(settings.retain ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY);
    return database;
  }

  /** CloudFormation calls the function when the instance exists, and again when one of these properties changes. */
  private runSetup(
    setup: BundledFunction,
    { instance: id, bucket, retentionDays }: { instance: string; bucket: string; retentionDays: number | undefined },
  ): CustomResource {
    // Without the setting, a deployment that is there is not changed by it.
    const properties = { instance: id, bucket, ...(retentionDays !== undefined && { retentionDays }) };
    const serviceToken = setup.function.functionArn;
    const props = { serviceToken, properties, serviceTimeout: setupAnswerTimeout };
    const token = new CustomResource(this, 'TokenInSecret', props);
    const reason = 'CDK writes the seconds as text, which CloudFormation takes for a number.';
    Validations.of(token).acknowledge({ id: 'CloudFormation-Validate::W9003', reason });
    return token;
  }
}

/**
 * The service requires a name, and CloudFormation's documents do not say that it generates one. This name belongs to
 * the stack, so that two deployments do not clash. As a result, what cannot be changed in place (organisation, bucket,
 * network) cannot be changed at all. That is better than an empty InfluxDB in place of a full one.
 */
function nameOfInstance(stack: Stack, deployment: string): string {
  // arn:aws:cloudformation:<region>:<account>:stack/<name>/<uuid>
  const uuid = Fn.select(2, Fn.split('/', stack.stackId));
  return `${deployment}-${Fn.select(0, Fn.split('-', uuid))}`;
}

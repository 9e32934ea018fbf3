import { CfnOutput, CustomResource, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  CfnEIP,
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { CfnInfluxDBInstance } from 'aws-cdk-lib/aws-timestream';
import type { Construct } from 'constructs';
import type { InfluxSetupVariables } from '../../lambda/influx-setup/env.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import { BundledFunction } from '../constructs/bundled-function.ts';
import type { FunctionSurroundings } from '../constructs/bundled-function.ts';
import { functionSecurityGroup, importNetwork } from '../constructs/private-network.ts';
import type { PrivateNetwork } from '../constructs/private-network.ts';
import type { Settings } from '../settings.ts';
import type { InfluxDestination } from './collector-stack.ts';

export interface DatabaseStackProps {
  readonly settings: Settings;
  readonly influx: { readonly org: string; readonly bucket: string };
  readonly surroundings: Omit<FunctionSurroundings, 'network'>;
}

/** The smallest there is, and the least disk, GiB. */
const instance = {
  dbInstanceType: 'db.influx.medium',
  allocatedStorage: 20,
  dbStorageType: 'InfluxIOIncludedT1',
} as const;
const port = 8086;
/** A new instance may take a minute before it answers. */
const setupTimeoutSeconds = 300;

/** A managed InfluxDB in a network, which the functions join, and the token that the collector writes with. */
export class DatabaseStack extends Stack {
  readonly network: PrivateNetwork;
  readonly influx: InfluxDestination;

  constructor(scope: Construct, id: string, { settings, influx, surroundings }: DatabaseStackProps) {
    super(scope, id, { description: 'locust2influx: managed InfluxDB', terminationProtection: settings.retain });
    const { vpc, subnets } =
      settings.network === undefined ? this.createNetwork(settings) : importNetwork(this, settings.network);
    this.network = { vpc, subnets, securityGroup: functionSecurityGroup(this, vpc) };
    const signIn = this.createSignIn(influx, settings);
    const database = this.createInstance(signIn, influx, settings);
    const token = this.createTokenSecret();
    const url = `https://${database.attrEndpoint}:${port}`;
    const variables: InfluxSetupVariables = {
      INFLUX_URL: url,
      INFLUX_ORG: influx.org,
      INFLUX_BUCKET: influx.bucket,
      SIGN_IN_SECRET: signIn.secretArn,
      TOKEN_SECRET: token.secretArn,
    };
    const setup = new BundledFunction(this, 'Setup', {
      ...surroundings,
      network: this.network,
      bundle: 'influx-setup',
      description: 'Makes the token that the collector writes to InfluxDB with',
      memoryMb: 256,
      timeoutSeconds: setupTimeoutSeconds,
      variables,
    });
    setup.allow(['secretsmanager:GetSecretValue'], [signIn.secretArn, token.secretArn]);
    setup.allow(['secretsmanager:PutSecretValue'], [token.secretArn]);
    this.runSetup(setup, database, influx.bucket);
    this.influx = { ...influx, url, tokenSecretId: token.secretArn, tokenSecretArn: token.secretArn };
    new CfnOutput(this, 'InfluxUrl', { value: url });
    new CfnOutput(this, 'ShowInfluxSignIn', {
      value: `aws secretsmanager get-secret-value --secret-id ${signIn.secretArn} --query SecretString --output text --region ${this.region}`,
    });
  }

  private createNetwork({ logRetentionDays }: Settings): Omit<PrivateNetwork, 'securityGroup'> {
    const vpc = new Vpc(this, 'Network', {
      maxAzs: 2,
      // One, for what Locusts, DynamoDB's siblings and CloudFormation are reached through. Its address is an output.
      natGateways: 1,
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        { name: 'Public', subnetType: SubnetType.PUBLIC, cidrMask: 26, mapPublicIpOnLaunch: false },
        { name: 'Functions', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 24 },
      ],
      gatewayEndpoints: {
        S3: { service: GatewayVpcEndpointAwsService.S3 },
        DynamoDb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
      },
    });
    const logGroup = new LogGroup(this, 'FlowLogs', {
      retention: logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    vpc.addFlowLog('Rejected', {
      destination: FlowLogDestination.toCloudWatchLogs(logGroup),
      trafficType: FlowLogTrafficType.REJECT,
    });
    const addresses = vpc.publicSubnets.flatMap((subnet) => {
      const address = subnet.node.tryFindChild('EIP');
      return address === undefined ? [] : [address];
    });
    const [address] = addresses;
    if (address instanceof CfnEIP) {
      new CfnOutput(this, 'OutgoingAddress', {
        description: 'Locusts are read from here',
        value: address.attrPublicIp,
      });
    }
    return { vpc: vpc as IVpc, subnets: vpc.privateSubnets };
  }

  private createSignIn({ org, bucket }: DatabaseStackProps['influx'], { retain }: Settings): Secret {
    const secret = new Secret(this, 'SignIn', {
      description: "locust2influx: InfluxDB's first user",
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username: 'admin', organization: org, bucket }),
        generateStringKey: 'password',
        passwordLength: 48,
        excludePunctuation: true,
      },
      removalPolicy: retain ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
    });
    acknowledge(secret, 'SMG4', 'InfluxDB takes this password when it is made; a person changes it in InfluxDB.');
    return secret;
  }

  private createTokenSecret(): Secret {
    const secret = new Secret(this, 'Token', {
      description: 'locust2influx: the token that the collector writes to InfluxDB with',
      // Until the setup has put a token here.
      generateSecretString: { passwordLength: 48, excludePunctuation: true },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    acknowledge(secret, 'SMG4', 'The setup makes a new token whenever this one no longer works.');
    return secret;
  }

  private createInstance(
    signIn: Secret,
    influx: DatabaseStackProps['influx'],
    { retain }: Settings,
  ): CfnInfluxDBInstance {
    const securityGroup = new SecurityGroup(this, 'InfluxSecurityGroup', {
      vpc: this.network.vpc,
      description: 'locust2influx InfluxDB: from the functions alone',
      allowAllOutbound: false,
    });
    securityGroup.addIngressRule(this.network.securityGroup, Port.tcp(port), 'the functions of locust2influx');
    const database = new CfnInfluxDBInstance(this, 'Influx', {
      ...instance,
      organization: influx.org,
      bucket: influx.bucket,
      username: signIn.secretValueFromJson('username').unsafeUnwrap(),
      password: signIn.secretValueFromJson('password').unsafeUnwrap(),
      deploymentType: 'SINGLE_AZ',
      port,
      publiclyAccessible: false,
      vpcSubnetIds: this.network.subnets.map(({ subnetId }) => subnetId),
      vpcSecurityGroupIds: [securityGroup.securityGroupId],
    });
    database.applyRemovalPolicy(retain ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY);
    return database;
  }

  /** CloudFormation calls the function once the instance is there, and again when one of these changes. */
  private runSetup(setup: BundledFunction, database: CfnInfluxDBInstance, bucket: string): void {
    const token = new CustomResource(this, 'TokenInSecret', {
      serviceToken: setup.function.functionArn,
      properties: { instance: database.attrId, bucket },
    });
    token.node.addDependency(setup, this.network.vpc);
  }
}

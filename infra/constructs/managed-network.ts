import { Aws, CfnOutput, RemovalPolicy } from 'aws-cdk-lib';
import type { Stack } from 'aws-cdk-lib';
import {
  CfnEIP,
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Settings } from '../settings/settings.ts';
import type { Network } from './private-network.ts';

/** A network for a managed InfluxDB and the functions, with one NAT gateway. Its address is an output. */
export function createNetwork(scope: Stack, { logRetentionDays }: Settings): Network {
  const vpc = new Vpc(scope, 'Network', {
    maxAzs: 2,
    // One is enough to reach Locusts, AWS's APIs and CloudFormation.
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
  const logGroup = new LogGroup(scope, 'FlowLogs', {
    retention: logRetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  // The service would act for any account that names this role; this limits it to our own.
  const conditions = { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } };
  const role = new Role(scope, 'FlowLogsRole', {
    assumedBy: new ServicePrincipal('vpc-flow-logs.amazonaws.com', { conditions }),
  });
  vpc.addFlowLog('Rejected', {
    destination: FlowLogDestination.toCloudWatchLogs(logGroup, role),
    trafficType: FlowLogTrafficType.REJECT,
  });
  const addresses = vpc.publicSubnets.flatMap((subnet) => {
    const address = subnet.node.tryFindChild('EIP');
    return address === undefined ? [] : [address];
  });
  const [address] = addresses;
  if (address instanceof CfnEIP) {
    new CfnOutput(scope, 'OutgoingAddress', {
      description: 'Locusts are scraped from this address',
      value: address.attrPublicIp,
    });
  }
  return { vpc: vpc as IVpc, subnets: vpc.privateSubnets };
}

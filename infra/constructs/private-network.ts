import { Annotations, CfnOutput, Fn } from 'aws-cdk-lib';
import type { Stack } from 'aws-cdk-lib';
import { CfnSecurityGroupIngress, SecurityGroup, Subnet, Vpc } from 'aws-cdk-lib/aws-ec2';
import type { ISecurityGroup, ISubnet, IVpc } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { Settings } from '../settings/settings.ts';

/** A VPC, and those of its subnets that the functions run in. */
export interface Network {
  readonly vpc: IVpc;
  readonly subnets: readonly ISubnet[];
}

/** Where a function runs if it is in a VPC. */
export interface PrivateNetwork extends Network {
  /** The function's own. It allows everything out and nothing in. */
  readonly securityGroup: SecurityGroup;
}

/** A managed InfluxDB, for stacks that connect to it. */
export interface InfluxInNetwork {
  readonly network: Network;
  readonly securityGroup: ISecurityGroup;
}

/** Where a managed InfluxDB listens. */
export const influxPort = 8086;

/** An existing network, known by its ids only, so that synth needs no look-up. */
export function importNetwork(scope: Construct, { vpcId, subnetIds }: NonNullable<Settings['network']>): Network {
  const vpc = Vpc.fromVpcAttributes(scope, 'Network', {
    vpcId,
    // Required, but used by nothing that is created here.
    availabilityZones: subnetIds.map((_, index) => Fn.select(index, Fn.getAzs())),
    privateSubnetIds: [...subnetIds],
  });
  const subnets = subnetIds.map((id) => Subnet.fromSubnetId(scope, id, id));
  for (const subnet of [...subnets, ...vpc.privateSubnets]) {
    Annotations.of(subnet).acknowledgeWarning('@aws-cdk/aws-ec2:noSubnetRouteTableId', 'No route is added to it.');
  }
  return { vpc, subnets };
}

/**
 * The network for the functions of one stack: the one in the settings, otherwise the managed InfluxDB's. Each stack has
 * its own security group, to which no other stack refers, so that a deployment may change or leave the network.
 * @returns undefined when there is neither
 */
export function joinNetwork(
  scope: Construct,
  { network: given }: Pick<Settings, 'network'>,
  influx: InfluxInNetwork | undefined,
): PrivateNetwork | undefined {
  const network = given === undefined ? influx?.network : importNetwork(scope, given);
  if (network === undefined) return undefined;
  const securityGroup = functionSecurityGroup(scope, network.vpc);
  if (influx !== undefined) allowInflux(scope, influx.securityGroup, securityGroup);
  return { ...network, securityGroup };
}

export function functionSecurityGroup(scope: Construct, vpc: IVpc): SecurityGroup {
  return new SecurityGroup(scope, 'FunctionsSecurityGroup', {
    vpc,
    description: 'locust2influx functions: may go out; allow it on port 8089 of Locust masters',
  });
}

/** Lets functions reach InfluxDB. The rule belongs to the functions' stack and is deleted with it. */
export function allowInflux(
  scope: Construct,
  influx: ISecurityGroup,
  functions: ISecurityGroup,
): CfnSecurityGroupIngress {
  return new CfnSecurityGroupIngress(scope, 'InfluxFromFunctions', {
    groupId: influx.securityGroupId,
    sourceSecurityGroupId: functions.securityGroupId,
    ipProtocol: 'tcp',
    fromPort: influxPort,
    toPort: influxPort,
    description: 'the functions of locust2influx',
  });
}

/** Outputs of a stack with a function in a network: its security group, and how to allow it at a Locust. */
export function describeNetwork(stack: Stack, { securityGroup: { securityGroupId } }: PrivateNetwork): void {
  new CfnOutput(stack, 'SecurityGroupId', {
    description: 'The security group of the function',
    value: securityGroupId,
  });
  new CfnOutput(stack, 'AllowAtLocust', {
    description: 'Lets the function reach Locust masters; replace sg-of-masters by their security group',
    value: `aws ec2 authorize-security-group-ingress --group-id sg-of-masters --protocol tcp --port 8089 --source-group ${securityGroupId} --region ${stack.region}`,
  });
}

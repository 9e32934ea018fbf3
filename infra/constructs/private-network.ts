import { Annotations, Fn } from 'aws-cdk-lib';
import { SecurityGroup, Subnet, Vpc } from 'aws-cdk-lib/aws-ec2';
import type { ISecurityGroup, ISubnet, IVpc } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';

/** Where the functions run when not in a network of AWS's own. */
export interface PrivateNetwork {
  readonly vpc: IVpc;
  readonly subnets: readonly ISubnet[];
  /** Of the functions; may go out anywhere, nothing comes in. */
  readonly securityGroup: ISecurityGroup;
}

/** A network that is there, known by its ids alone, so that synth asks nobody. */
export function importNetwork(
  scope: Construct,
  { vpcId, subnetIds }: { readonly vpcId: string; readonly subnetIds: readonly string[] },
): Omit<PrivateNetwork, 'securityGroup'> {
  const vpc = Vpc.fromVpcAttributes(scope, 'Network', {
    vpcId,
    // Asked for, but read by nothing that is made here.
    availabilityZones: subnetIds.map((_, index) => Fn.select(index, Fn.getAzs())),
    privateSubnetIds: [...subnetIds],
  });
  const subnets = subnetIds.map((id) => Subnet.fromSubnetId(scope, id, id));
  for (const subnet of [...subnets, ...vpc.privateSubnets]) {
    Annotations.of(subnet).acknowledgeWarning('@aws-cdk/aws-ec2:noSubnetRouteTableId', 'No route is added to it.');
  }
  return { vpc, subnets };
}

export function functionSecurityGroup(scope: Construct, vpc: IVpc): SecurityGroup {
  return new SecurityGroup(scope, 'FunctionsSecurityGroup', {
    vpc,
    description: 'locust2influx functions: may go out; allow it on port 8089 of Locust masters',
  });
}

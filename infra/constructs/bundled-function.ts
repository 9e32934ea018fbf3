import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Effect, Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import type { FunctionProps } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { FunctionName } from '../build-functions.ts';
import { acknowledge } from './acknowledge.ts';
import type { PrivateNetwork } from './private-network.ts';

/** What all functions of a deployment share. */
export interface FunctionSurroundings {
  /** What `buildFunctions` made. */
  readonly bundlesFolder: string;
  readonly logRetentionDays: RetentionDays;
  /** Undefined: none of one's own. */
  readonly network: PrivateNetwork | undefined;
}

export interface BundledFunctionProps extends FunctionSurroundings {
  readonly bundle: FunctionName;
  readonly description: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  /** Its environment; what is undefined is left out. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** A function of this project: its bundle, its log group, and a role that may only write there. */
export class BundledFunction extends Construct {
  readonly function: Function;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: BundledFunctionProps) {
    super(scope, id);
    this.logGroup = new LogGroup(this, 'Logs', {
      retention: props.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.logGroup.grantWrite(role);
    this.function = new Function(this, 'Function', {
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(`${props.bundlesFolder}/${props.bundle}`),
      handler: 'index.handler',
      memorySize: props.memoryMb,
      timeout: Duration.seconds(props.timeoutSeconds),
      role,
      logGroup: this.logGroup,
      environment: environmentOf(props.variables),
      ...(props.network !== undefined && networkProps(props.network)),
    });
    if (props.network !== undefined) this.allowNetwork(role, props.network);
  }

  /**
   * The permissions are a resource of their own: when the function leaves the network, CloudFormation takes them only
   * after the security group, and that only after the interfaces, which Lambda removes with these permissions.
   */
  private allowNetwork(role: Role, { securityGroup }: PrivateNetwork): void {
    const policy = new Policy(this, 'InNetwork', { roles: [role], statements: networkStatements() });
    this.function.node.addDependency(policy);
    securityGroup.node.addDependency(policy);
    acknowledge(
      policy,
      'IAM5[Resource::*]',
      'Lambda checks these on all resources when it puts a function into a VPC; the code is denied them.',
    );
  }

  /** Adds exact actions on exact resources to what the function may do. */
  allow(actions: readonly string[], resources: readonly string[]): void {
    this.function.addToRolePolicy(new PolicyStatement({ actions: [...actions], resources: [...resources] }));
  }

  /** Adds exact actions on all that begins with a prefix in this account. @param resource ends in `*` */
  allowByPrefix(actions: readonly string[], service: string, resource: string, reason: string): void {
    this.allow(actions, [`arn:${Aws.PARTITION}:${service}:${Aws.REGION}:${Aws.ACCOUNT_ID}:${resource}`]);
    const arn = `arn:<AWS::Partition>:${service}:<AWS::Region>:<AWS::AccountId>:${resource}`;
    acknowledge(this, `IAM5[Resource::${arn}]`, reason);
  }
}

function environmentOf(variables: BundledFunctionProps['variables']): Record<string, string> {
  const given = Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    ...Object.fromEntries(given),
    // A package uses url.parse; the warning would be a line in every environment's log.
    NODE_OPTIONS: '--disable-warning=DEP0169',
    // The names of AWS and of InfluxDB are resolved on these threads, 4 by default; those of targets are not.
    UV_THREADPOOL_SIZE: '16',
  };
}

function networkProps({ vpc, subnets, securityGroup }: PrivateNetwork): Partial<FunctionProps> {
  return { vpc, vpcSubnets: { subnets: [...subnets] }, securityGroups: [securityGroup] };
}

/** What Lambda itself needs to put a function into a network and to take it out again. */
function networkStatements(): PolicyStatement[] {
  const actions = ['CreateNetworkInterface', 'DescribeNetworkInterfaces', 'DescribeSubnets', 'DeleteNetworkInterface'];
  const more = ['AssignPrivateIpAddresses', 'UnassignPrivateIpAddresses'];
  const network = [...actions, ...more].map((action) => `ec2:${action}`);
  // Lambda needs these before the function exists; the function's own code must never have them.
  const functions = `arn:${Aws.PARTITION}:lambda:${Aws.REGION}:${Aws.ACCOUNT_ID}:function:*`;
  return [
    new PolicyStatement({ actions: network, resources: ['*'] }),
    new PolicyStatement({
      effect: Effect.DENY,
      actions: network,
      resources: ['*'],
      conditions: { ArnLike: { 'lambda:SourceFunctionArn': functions } },
    }),
  ];
}

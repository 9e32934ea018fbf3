import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it, vi } from 'vitest';
import { ownInflux, synthesize } from '../support/aws/synthesize.ts';

/** Synthesizing takes seconds of computing, which may be many on a machine that is busy. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const subnetIds = ['subnet-0a1b2c3d', 'subnet-1a2b3c4d'];
const network = { vpcId: 'vpc-0a1b2c3d', subnetIds: subnetIds.join(',') };
const inVpc = synthesize({ ...ownInflux, ...network });
const functionStacks = ['collector', 'admin'] as const;
const ownGroup = { 'Fn::GetAtt': [Match.stringLikeRegexp('^FunctionsSecurityGroup'), 'GroupId'] };

describe('in a VPC', () => {
  it.each(functionStacks)('%s has its subnets and a security group of its own, into which nothing comes', (stack) => {
    const template = inVpc.template(stack);
    template.hasResourceProperties('AWS::Lambda::Function', {
      VpcConfig: { SubnetIds: subnetIds, SecurityGroupIds: [ownGroup] },
      Environment: { Variables: Match.objectLike({ ALLOW_PRIVATE_ADDRESSES: 'true' }) },
    });
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      VpcId: network.vpcId,
      SecurityGroupIngress: Match.absent(),
    });
    template.hasOutput('SecurityGroupId', { Value: ownGroup });
    template.hasOutput('AllowAtLocust', {});
  });

  it('no stack exports or takes anything of the network, so that it may change and go', () => {
    const exported = Object.values(inVpc.texts).flatMap((text) => {
      const { Outputs = {} } = JSON.parse(text) as { Outputs?: Record<string, { Export?: unknown }> };
      return Object.entries(Outputs).filter(([, output]) => output.Export !== undefined);
    });
    expect(exported.length).toBeGreaterThan(5);
    expect(JSON.stringify(exported)).not.toMatch(/SecurityGroup|subnet|vpc/i);
    // What other stacks take is the same with and without a network, and with another one.
    const exportsOf = (settings: object): unknown => {
      const { texts } = synthesize({ ...ownInflux, ...settings });
      return Object.fromEntries(
        Object.entries(texts).map(([stack, text]) => {
          const { Outputs = {} } = JSON.parse(text) as { Outputs?: Record<string, { Export?: unknown }> };
          return [stack, Object.values(Outputs).filter((output) => output.Export !== undefined)];
        }),
      );
    };
    const other = { vpcId: 'vpc-9a9b9c9d', subnetIds: 'subnet-9a9b9c9d' };
    expect(exportsOf(network)).toEqual(exportsOf({}));
    expect(exportsOf(other)).toEqual(exportsOf({}));
  });

  it.each(functionStacks)('%s: Lambda may remove its interfaces until the security group is gone', (stack) => {
    const template = inVpc.template(stack);
    const [policyId] = Object.keys(
      template.findResources('AWS::IAM::Policy', {
        Properties: { PolicyName: Match.stringLikeRegexp('InNetwork') },
      }),
    );
    expect(policyId).toBeDefined();
    for (const type of ['AWS::EC2::SecurityGroup', 'AWS::Lambda::Function']) {
      template.hasResource(type, { DependsOn: Match.arrayWith([policyId]) });
    }
    const without = synthesize(ownInflux).template(stack);
    expect(JSON.stringify(without.toJSON())).not.toContain('ec2:');
  });
});

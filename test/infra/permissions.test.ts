import { describe, expect, it, vi } from 'vitest';
import { ownInflux, synthesize } from '../support/aws/synthesize.ts';
import type { StackName } from '../support/aws/synthesize.ts';

/** Synthesizing takes seconds of computing, which may be many on a machine that is busy. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
}

interface Policy {
  readonly Properties: { readonly PolicyDocument: { readonly Statement: readonly Statement[] } };
}

interface Role {
  readonly Properties: { readonly ManagedPolicyArns?: unknown; readonly AssumeRolePolicyDocument: unknown };
}

const apps = {
  own: synthesize(ownInflux),
  vpc: synthesize({ ...ownInflux, vpcId: 'vpc-0a1b2c3d', subnetIds: 'subnet-0a1b2c3d' }),
  managed: synthesize({ influxManaged: true }),
  gone: synthesize({ ...ownInflux, retain: false }),
};
type AppName = keyof typeof apps;
const appNames = Object.keys(apps) as readonly AppName[];

/** Resources that no more exact name can be given for, and why. */
const meant: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/parameter\/locust2influx-storage\/targets\/\*"/, 'parameters are made for each target, below one prefix'],
  [/"\/(?:waiting|rejected)\/\*"/, 'keys are made when lines have to wait'],
  [/secret:my\/influx-token-\?{6}"/, 'Secrets Manager puts six random characters behind a name'],
];
/** Lambda checks these on all resources when it puts a function into a VPC. */
const ofNetworks = /^ec2:(?:\w+NetworkInterfaces?|DescribeSubnets|\w+PrivateIpAddresses)$/;

/** With retain=false the CDK adds a function of its own that empties buckets, and gives it AWS's policy for logs. */
const ofCdk = 'locust2influx-storage CustomS3AutoDeleteObjects';
const writesLogs = [{ 'Fn::Sub': 'arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole' }];

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : [value]);

function resourcesOf(app: AppName, type: string): readonly { readonly where: string; readonly resource: unknown }[] {
  return apps[app].stacks.flatMap((stack) => {
    const found = apps[app].template(stack.replace('locust2influx-', '') as StackName).findResources(type);
    return Object.entries(found).map(([id, resource]) => ({ where: `${stack} ${id}`, resource }));
  });
}

function statements(app: AppName): readonly (Statement & { readonly where: string })[] {
  return resourcesOf(app, 'AWS::IAM::Policy').flatMap(({ where, resource }) =>
    (resource as Policy).Properties.PolicyDocument.Statement.map((each) => ({ ...each, where })),
  );
}

describe('permissions', () => {
  it.each(appNames)('%s: every action is named whole', (app) => {
    expect(statements(app).length).toBeGreaterThan(10);
    for (const { Action, where } of statements(app)) {
      for (const action of list(Action)) expect(action, where).toMatch(/^[a-z0-9-]+:[A-Za-z]+$/);
    }
  });

  it.each(appNames)('%s: every resource is named whole, where it can be', (app) => {
    for (const { Action, Resource, where } of statements(app)) {
      const isOfNetworks = list(Action).every((action) => ofNetworks.test(String(action)));
      for (const resource of list(Resource)) {
        const text = JSON.stringify(resource);
        const isExact = !/[*?]/.test(text) || meant.some(([pattern]) => pattern.test(text));
        expect(isExact || (isOfNetworks && resource === '*'), `${where}: ${text}`).toBe(true);
      }
    }
  });

  it('what a function may ask of the network, its own code may not', () => {
    const denied = statements('vpc').filter(({ Effect }) => Effect === 'Deny');
    expect(denied.length).toBe(2);
    expect(JSON.stringify(denied)).toContain('lambda:SourceFunctionArn');
  });

  it('the collector may read credentials and not change them, and cannot delete a target', () => {
    const ofCollector = statements('own').filter(({ where }) => where.includes('CollectorRole'));
    const actions = ofCollector.flatMap(({ Action }) => list(Action)).map(String);
    expect(actions).toContain('ssm:GetParameters');
    expect(actions.filter((action) => /ssm:(?!Get)|secretsmanager:(?!Get)/.test(action))).toEqual([]);
    // Of runs the oldest go.
    const deletes = ofCollector.filter(({ Action }) => /dynamodb:(?:Delete|BatchWrite)/.test(JSON.stringify(Action)));
    expect(deletes).toHaveLength(1);
    for (const resource of deletes.flatMap(({ Resource }) => list(Resource))) {
      expect(JSON.stringify(resource)).toMatch(/Runs/);
      expect(JSON.stringify(resource)).not.toMatch(/Targets|[*]/);
    }
  });

  it.each(appNames)("%s: no role but the CDK's own has a policy of AWS's own, and each is for one service", (app) => {
    for (const { where, resource } of resourcesOf(app, 'AWS::IAM::Role')) {
      const { ManagedPolicyArns, AssumeRolePolicyDocument } = (resource as Role).Properties;
      expect(ManagedPolicyArns, where).toEqual(where.startsWith(ofCdk) ? writesLogs : undefined);
      expect(JSON.stringify(AssumeRolePolicyDocument)).toMatch(/"Principal":\{"Service":"[a-z-]+\.amazonaws\.com"\}/);
    }
  });

  it.each(appNames)('%s: a service that takes on a role for others does so for this account alone', (app) => {
    for (const { where, resource } of resourcesOf(app, 'AWS::IAM::Role')) {
      const trust = JSON.stringify((resource as Role).Properties.AssumeRolePolicyDocument);
      // Lambda takes on a role for a function alone, whose owner had to be allowed to pass it.
      if (trust.includes('"lambda.amazonaws.com"')) continue;
      expect(trust, where).toContain('"aws:SourceAccount":{"Ref":"AWS::AccountId"}');
    }
  });
});

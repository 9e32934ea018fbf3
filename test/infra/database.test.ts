import { readFileSync } from 'node:fs';
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it, vi } from 'vitest';
import { parseSettings } from '../../infra/settings/settings.ts';
import { ownInflux, synthesize } from '../support/aws/synthesize.ts';

/** Synthesizing takes seconds of computing, which may be many on a machine that is busy. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const subnetIds = ['subnet-0a1b2c3d', 'subnet-1a2b3c4d'];
const network = { vpcId: 'vpc-0a1b2c3d', subnetIds: subnetIds.join(',') };
const anything = Match.anyValue();

describe('managed InfluxDB', () => {
  const managed = synthesize({ influxManaged: 'true' });
  const database = managed.template('database');

  it('is reached by the functions alone, and its password is in no template', () => {
    database.hasResourceProperties('AWS::Timestream::InfluxDBInstance', {
      PubliclyAccessible: false,
      Organization: 'locust2influx',
      Bucket: 'locust',
      Password: Match.objectLike({ 'Fn::Join': anything }),
    });
    expect(managed.texts['locust2influx-database']).toContain('{{resolve:secretsmanager:');
    for (const stack of ['database', 'collector', 'admin'] as const) {
      managed.template(stack).resourceCountIs('AWS::EC2::SecurityGroupIngress', 1);
      managed.template(stack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
        FromPort: 8086,
        ToPort: 8086,
        SourceSecurityGroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^FunctionsSecurityGroup'), 'GroupId'] },
        CidrIp: Match.absent(),
      });
    }
  });

  it('keeps the password of its first user, whatever it is called with', () => {
    const secrets = (settings: object): object =>
      synthesize({ influxManaged: true, ...settings })
        .template('database')
        .findResources('AWS::SecretsManager::Secret');
    expect(secrets({ influxOrg: 'other', influxBucket: 'another', ...network })).toEqual(secrets({}));
  });

  it('outputs say where it is, how to be let in, and how to sign in', () => {
    const group = { 'Fn::GetAtt': [Match.stringLikeRegexp('^InfluxSecurityGroup'), 'GroupId'] };
    const Value = {
      'Fn::Join': [
        '',
        [
          'aws ec2 authorize-security-group-ingress --group-id ',
          group,
          ' --protocol tcp --port 8086 --source-group sg-of-readers --region ',
          { Ref: 'AWS::Region' },
        ],
      ],
    };
    database.hasOutput('AllowAtInflux', { Value });
    database.hasOutput('InfluxNetwork', { Value: anything });
    for (const name of ['InfluxUrl', 'ShowInfluxSignIn']) database.hasOutput(name, {});
  });

  it("has a name of its stack's own, which the service asks for", () => {
    const ofStack = { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] };
    database.hasResourceProperties('AWS::Timestream::InfluxDBInstance', {
      Name: { 'Fn::Join': ['', ['locust2influx-', { 'Fn::Select': [0, { 'Fn::Split': ['-', ofStack] }] }]] },
    });
  });

  it('outlives its stack, unless the settings say otherwise', () => {
    database.hasResource('AWS::Timestream::InfluxDBInstance', { DeletionPolicy: 'RetainExceptOnCreate' });
    const gone = synthesize({ influxManaged: 'true', retain: 'false' }).template('database');
    gone.hasResource('AWS::Timestream::InfluxDBInstance', { DeletionPolicy: 'Delete' });
  });

  it('its token is made once the instance is there, and the collector knows where it is', () => {
    database.hasResourceProperties('AWS::CloudFormation::CustomResource', {
      ServiceToken: anything,
      instance: { 'Fn::GetAtt': ['Influx', 'Id'] },
      // Not the hour that CloudFormation waits by itself for a setup that cannot answer.
      ServiceTimeout: '1200',
    });
    managed.template('collector').hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: Match.objectLike({
          INFLUX_TOKEN_SECRET: { 'Fn::ImportValue': Match.stringLikeRegexp('Token') },
          ALLOW_PRIVATE_ADDRESSES: 'false',
        }),
      },
      VpcConfig: anything,
    });
  });

  it("the README's commands that remove it, beside an InfluxDB of one's own, mean the one that was made", () => {
    const readme = readFileSync(new URL('../../infra/README.md', import.meta.url), 'utf8');
    const commands = readme.split('\n').filter((line) => /^npx cdk \w+ locust2influx-database /.test(line));
    expect(commands.map((command) => command.split(' ')[2])).toEqual(['deploy', 'destroy']);
    for (const command of commands) {
      const given = [...command.matchAll(/-c (\w+)=(\S*)/g)].map(([, name = '', value]) => [name, value] as const);
      const settings = Object.fromEntries<string | undefined>(given);
      expect(parseSettings({ ...ownInflux, ...settings })).toEqual(
        parseSettings({ influxManaged: true, retain: false }),
      );
    }
    // Without it, what depends on it in these settings goes as well: collector, API and alarms.
    expect(commands[1]).toContain('--exclusively');
  });

  it('is asked to keep points for as long as somebody says, and a deployment that is there for nothing otherwise', () => {
    const asked = { instance: anything, bucket: 'locust' };
    const properties = (settings: object): unknown[] =>
      Object.values(
        synthesize({ influxManaged: true, ...settings })
          .template('database')
          .findResources('AWS::CloudFormation::CustomResource'),
      ).map(({ Properties }) => (Properties as { retentionDays?: unknown }).retentionDays);
    database.hasResourceProperties('AWS::CloudFormation::CustomResource', asked);
    expect(properties({})).toEqual([undefined]);
    expect(properties({ influxRetentionDays: 0 })).toEqual([0]);
  });

  it('has its disk and its CPU watched, by the name of the instance', () => {
    for (const MetricName of ['DiskUtilization', 'CPUUtilization']) {
      const alarms = managed.template('monitoring').findResources('AWS::CloudWatch::Alarm', {
        Properties: { Namespace: 'AWS/Timestream/InfluxDB', MetricName },
      });
      const [alarm] = Object.values(alarms) as { Properties: { Dimensions: unknown } }[];
      // The instance's own name, as above, with the id of its stack as that exports it.
      const dimensions = JSON.stringify(alarm?.Properties.Dimensions);
      expect(dimensions).toContain('[{"Name":"DbInstanceName","Value":{"Fn::Join":["",["locust2influx-",{"Fn::Select"');
      expect(dimensions).toContain('{"Fn::ImportValue":"locust2influx-database:ExportsOutputRefAWSStackId');
    }
  });

  it('takes three subnets of many', () => {
    const many = ['1', '2', '3', '4'].map((digit) => `subnet-${digit}a2b3c4d`);
    const there = synthesize({ influxManaged: true, vpcId: network.vpcId, subnetIds: many });
    there
      .template('database')
      .hasResourceProperties('AWS::Timestream::InfluxDBInstance', { VpcSubnetIds: many.slice(0, 3) });
  });

  it('goes into a network that is there', () => {
    const there = synthesize({ influxManaged: true, ...network }).template('database');
    there.resourceCountIs('AWS::EC2::VPC', 0);
    there.hasResourceProperties('AWS::Timestream::InfluxDBInstance', { VpcSubnetIds: subnetIds });
  });
});

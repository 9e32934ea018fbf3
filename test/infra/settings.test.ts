import { describe, expect, it } from 'vitest';
import { parseSettings } from '../../infra/settings.ts';
import { ownInflux } from '../support/synthesize.ts';

const { influxUrl: url, influxOrg: org, influxBucket: bucket, influxTokenSecret: tokenSecret } = ownInflux;

describe('the settings of a deployment', () => {
  it('have defaults for all but the InfluxDB', () => {
    expect(parseSettings(ownInflux)).toEqual({
      influx: { kind: 'own', url, org, bucket, tokenSecret },
      shards: 1,
      memoryMb: 256,
      idleSeconds: 10,
      network: undefined,
      allowPrivateAddresses: false,
      alarmEmail: undefined,
      retain: true,
      logRetentionDays: 14,
      runbookUrl: undefined,
    });
  });

  it('may be text, as from -c, or JSON, as from cdk.json', () => {
    const [one, two] = ['subnet-0a1b2c3d', 'subnet-1a2b3c4d'];
    const network = { vpcId: 'vpc-0a1b2c3d' };
    const asText = { shards: '3', memoryMb: '512', retain: 'false', subnetIds: `${one}, ${two}`, ...network };
    const asJson = { shards: 3, memoryMb: 512, retain: false, subnetIds: [one, two], ...network };
    expect(parseSettings({ ...ownInflux, ...asText })).toEqual(parseSettings({ ...ownInflux, ...asJson }));
  });

  it('open private addresses where the collector is put into a network, unless they are told not to', () => {
    const network = { vpcId: 'vpc-0a1b2c3d', subnetIds: 'subnet-0a1b2c3d' };
    expect(parseSettings({ ...ownInflux, ...network }).allowPrivateAddresses).toBe(true);
    const closed = { ...network, allowPrivateAddresses: 'false' };
    expect(parseSettings({ ...ownInflux, ...closed }).allowPrivateAddresses).toBe(false);
  });

  it('an empty one is as good as none', () => {
    const empty = parseSettings({ ...ownInflux, alarmEmail: '', memoryMb: '' });
    expect(empty).toMatchObject({ alarmEmail: undefined, memoryMb: 256 });
  });

  it('with neither influxUrl nor influxManaged, both ways are shown', () => {
    const parse = (): unknown => parseSettings({});
    expect(parse).toThrow(/neither influxUrl nor influxManaged is set/);
    expect(parse).toThrow(
      /npx cdk deploy --all -c influxUrl=https:\/\/\S+ -c influxOrg=\S+ -c influxBucket=\S+ -c influxTokenSecret=/,
    );
    expect(parse).toThrow(/npx cdk deploy --all -c influxManaged=true/);
  });

  it.each([
    [{ memoryMb: '12' }, 'setting memoryMb is "12"; allowed is a whole number from 128 to 10240'],
    [{ memoryMb: 256.5 }, 'setting memoryMb is 256.5; allowed is a whole number from 128 to 10240'],
    [{ shards: 0 }, 'setting shards is 0; allowed is a whole number from 1 to 100'],
    [{ idleSeconds: 7 }, 'setting idleSeconds is 7; allowed is one of 2, 5, 10, 15, 20, 30, 60'],
    [{ retain: 'yes' }, 'setting retain is "yes"; allowed is true or false'],
    [{ influxUrl: 'ftp://influx' }, 'setting influxUrl is "ftp://influx"; allowed is an http or https URL'],
    [
      { influxUrl: 'https://me:secret@influx' },
      'allowed is an http or https URL without user, password, query and white space',
    ],
    [{ influxTokenSecret: 'arn:aws:secretsmanager:x' }, 'allowed is the name (not the ARN) of a secret'],
    [{ vpcId: 'my-vpc', subnetIds: 'subnet-0a1b2c3d' }, 'setting vpcId is "my-vpc"; allowed is the id of a VPC'],
    [{ influxUrl: 'https://influx.example.com/a b' }, 'without user, password, query and white space'],
    [{ vpcId: 'vpc-0a1b2c3d' }, 'settings vpcId and subnetIds go together'],
    [{ vpcId: 'vpc-0a1b2c3d', subnetIds: ['x'] }, 'setting subnetIds is ["x"]; allowed is subnet ids'],
    [
      { vpcId: 'vpc-0a1b2c3d', subnetIds: 'subnet-0a1b2c3d,subnet-0a1b2c3d' },
      'setting subnetIds is "subnet-0a1b2c3d,subnet-0a1b2c3d"; allowed is subnet ids, each once',
    ],
    [
      { vpcId: 'vpc-0a1b2c3d', subnetIds: Array.from({ length: 17 }, (_, index) => `subnet-${10_000_000 + index}`) },
      'allowed is subnet ids, each once, 16 at most',
    ],
    [{ alarmEmail: '<me@example.com>' }, 'setting alarmEmail is "<me@example.com>"; allowed is an e-mail address'],
    [{ alarmEmail: 'me@example.com,you@example.com' }, 'allowed is an e-mail address'],
    [{ alarmEmail: 'me' }, 'setting alarmEmail is "me"; allowed is an e-mail address'],
    [{ logRetentionDays: 8 }, 'setting logRetentionDays is 8; allowed is one of 1, 3, 5, 7, 14'],
    [{ allowPrivateAddresses: { a: 1 } }, 'setting allowPrivateAddresses is {"a":1}; allowed is true or false'],
    [
      { runbookUrl: 'README.md' },
      'setting runbookUrl is "README.md"; allowed is where the README is: an http or https URL',
    ],
    [{ memorymb: 512 }, 'there is no setting memorymb; the settings are influxUrl'],
    [{ memory_mb: 512 }, 'there is no setting memory_mb; the settings are influxUrl'],
    [{ 'memory-mb': 5 }, 'there is no setting memory-mb; the settings are influxUrl'],
    [{ 'influx.url': 'x' }, 'there is no setting influx.url; the settings are influxUrl'],
    [{ influxManaged: true }, `influxUrl is "${url}" and influxManaged is true; give one of the two`],
    [{ influxUrl: '', influxManaged: true }, `influxTokenSecret is "${tokenSecret}"; with influxManaged it is made`],
    [{ influxOrg: '', influxBucket: '' }, 'influxUrl needs influxOrg, influxBucket as well'],
  ])('%j is refused by name, with its value and what is allowed', (wrong, message) => {
    expect(() => parseSettings({ ...ownInflux, ...wrong })).toThrow(message);
  });

  it.each([
    'http://localhost:8086',
    'http://LOCALHOST.:8086',
    'http://influx.localhost',
    'http://127.0.0.1:8086',
    'http://127.1',
    'http://0.0.0.0:8086',
    'http://[::1]:8086',
    'http://[::ffff:127.0.0.1]:8086',
  ])('influxUrl=%s would be the function itself, and is refused where there is a real AWS', (influxUrl) => {
    const given = { ...ownInflux, influxUrl };
    expect(() => parseSettings(given)).toThrow(
      `setting influxUrl is "${influxUrl}"; allowed is the URL of a host that a function in AWS can reach`,
    );
    expect(parseSettings(given, { isEmulated: true }).influx).toMatchObject({ url: influxUrl });
  });

  it.each(['http://10.0.0.5:8086', 'https://[fd12::8]:8086', 'https://localhost.example.com', 'http://influx:8086'])(
    'influxUrl=%s is taken',
    (influxUrl) => {
      expect(parseSettings({ ...ownInflux, influxUrl }).influx).toMatchObject({ url: influxUrl });
    },
  );

  it.each(['me@example.com', "o'neil+alarms@sub-domain.example.co.uk"])('alarmEmail=%s is taken', (alarmEmail) => {
    expect(parseSettings({ ...ownInflux, alarmEmail }).alarmEmail).toBe(alarmEmail);
  });

  it('what the CDK keeps in the context is no setting', () => {
    const ofCdk = {
      '@aws-cdk/core:newStyleStackSynthesis': true,
      'aws:cdk:bundling-stacks': ['**'],
      'availability-zones:account=1:region=us-east-1': ['us-east-1a'],
      // What `cdk acknowledge` and `cdk cli-telemetry` leave.
      'acknowledged-issue-numbers': [16_603],
      'cli-telemetry': false,
    };
    expect(parseSettings({ ...ownInflux, ...ofCdk })).toEqual(parseSettings(ownInflux));
  });

  it('all that is wrong is told at once', () => {
    expect(() => parseSettings({ ...ownInflux, shards: 0, retain: 'no' })).toThrow(/shards is 0.*\n.*retain is "no"/);
  });
});

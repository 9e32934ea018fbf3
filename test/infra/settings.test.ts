import { describe, expect, it } from 'vitest';
import { defaultThresholds } from '../../infra/alarms/alarm-thresholds.ts';
import { parseSettings } from '../../infra/settings/settings.ts';
import { ownInflux } from '../support/aws/synthesize.ts';

const { influxUrl: url, influxOrg: org, influxBucket: bucket, influxTokenSecret: tokenSecret } = ownInflux;

describe('the settings of a deployment', () => {
  it('need no organisation, which InfluxDB 1 and 3 Core do not have', () => {
    expect(parseSettings({ ...ownInflux, influxOrg: '' }).influx).toEqual({
      kind: 'own',
      url,
      org: undefined,
      bucket,
      tokenSecret,
    });
  });

  it('have defaults for all but the InfluxDB', () => {
    expect(parseSettings(ownInflux)).toEqual({
      name: 'locust2influx',
      influx: { kind: 'own', url, org, bucket, tokenSecret },
      shards: 1,
      memoryMb: 256,
      idleSeconds: 10,
      network: undefined,
      allowPrivateAddresses: false,
      alarmEmail: undefined,
      targetAlarms: undefined,
      alarmThresholds: defaultThresholds,
      dashboard: false,
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
    const thresholds = { alarmThresholds: { Missed: 20, LinesWaiting: 300 } };
    expect(parseSettings({ ...ownInflux, ...thresholds })).toEqual(
      parseSettings({ ...ownInflux, alarmThresholds: 'Missed=20, LinesWaiting=300' }),
    );
  });

  it('open private addresses where the collector is put into a network, unless another setting says otherwise', () => {
    const network = { vpcId: 'vpc-0a1b2c3d', subnetIds: 'subnet-0a1b2c3d' };
    expect(parseSettings({ ...ownInflux, ...network }).allowPrivateAddresses).toBe(true);
    const closed = { ...network, allowPrivateAddresses: 'false' };
    expect(parseSettings({ ...ownInflux, ...closed }).allowPrivateAddresses).toBe(false);
  });

  it('alarms on targets are mailed to whom the others are, unless they have an address of their own', () => {
    const of = (given: object): unknown => parseSettings({ ...ownInflux, targetAlarms: true, ...given }).targetAlarms;
    expect(of({})).toEqual({ email: undefined });
    expect(of({ alarmEmail: 'a@example.com' })).toEqual({ email: 'a@example.com' });
    expect(of({ alarmEmail: 'a@example.com', targetAlarmEmail: 'b@example.com' })).toEqual({ email: 'b@example.com' });
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
      'allowed is an http or https URL without user name, password, query or spaces',
    ],
    [{ influxTokenSecret: 'arn:aws:secretsmanager:x' }, 'allowed is the name (not the ARN) of a secret'],
    [{ vpcId: 'my-vpc', subnetIds: 'subnet-0a1b2c3d' }, 'setting vpcId is "my-vpc"; allowed is the id of a VPC'],
    [{ influxUrl: 'https://influx.example.com/a b' }, 'without user name, password, query or spaces'],
    [{ vpcId: 'vpc-0a1b2c3d' }, 'settings vpcId and subnetIds go together'],
    [
      { vpcId: 'vpc-0a1b2c3d', subnetIds: ['x'] },
      'setting subnetIds is ["x"]; allowed is up to 16 different subnet ids',
    ],
    [
      { vpcId: 'vpc-0a1b2c3d', subnetIds: 'subnet-0a1b2c3d,subnet-0a1b2c3d' },
      'setting subnetIds is "subnet-0a1b2c3d,subnet-0a1b2c3d"; allowed is up to 16 different subnet ids',
    ],
    [
      { vpcId: 'vpc-0a1b2c3d', subnetIds: Array.from({ length: 17 }, (_, index) => `subnet-${10_000_000 + index}`) },
      'allowed is up to 16 different subnet ids, separated by commas',
    ],
    [{ alarmEmail: '<me@example.com>' }, 'setting alarmEmail is "<me@example.com>"; allowed is an e-mail address'],
    [{ alarmEmail: 'me@example.com,you@example.com' }, 'allowed is an e-mail address'],
    [{ alarmEmail: 'me' }, 'setting alarmEmail is "me"; allowed is an e-mail address'],
    ...['Staging', 'a--b', '-a', 'a-', '1a', 'aws-tests', 'ssm', 'a'.repeat(32), 'a_b'].map(
      (name): [object, string] => [
        { name },
        `setting name is "${name}"; allowed is 1 to 31 lower-case letters and digits`,
      ],
    ),
    [
      { alarmThresholds: 'missed=3' },
      'setting alarmThresholds is "missed=3"; allowed is whole numbers from 1 to 1000000',
    ],
    [{ alarmThresholds: { Missed: 0 } }, 'each by one of the names Errors, Throttled, Missed'],
    [{ alarmThresholds: { Missed: { a: 1 } } }, 'setting alarmThresholds is {"Missed":{"a":1}}; allowed is'],
    [{ alarmThresholds: 'Missed=1,Missed=2' }, 'once, such as Missed=20,LinesWaiting=300'],
    [
      { targetAlarmEmail: 'me@example.com' },
      'setting targetAlarmEmail is "me@example.com", but there are no alarms on targets; set targetAlarms to true',
    ],
    [{ logRetentionDays: 8 }, 'setting logRetentionDays is 8; allowed is one of 1, 3, 5, 7, 14'],
    [{ allowPrivateAddresses: { a: 1 } }, 'setting allowPrivateAddresses is {"a":1}; allowed is true or false'],
    [
      { runbookUrl: 'README.md' },
      'setting runbookUrl is "README.md"; allowed is where infra/alarms/README.md is: an http or https URL',
    ],
    [{ memorymb: 512 }, 'unknown setting memorymb; the settings are name, influxUrl'],
    [{ memory_mb: 512 }, 'unknown setting memory_mb; the settings are name, influxUrl'],
    [{ 'memory-mb': 5 }, 'unknown setting memory-mb; the settings are name, influxUrl'],
    [{ 'influx.url': 'x' }, 'unknown setting influx.url; the settings are name, influxUrl'],
    [{ influxManaged: true }, `influxUrl is "${url}" and influxManaged is true; give only one of the two`],
    [
      { influxUrl: '', influxManaged: true },
      `influxTokenSecret is "${tokenSecret}"; leave it out: with influxManaged the secret is created`,
    ],
    [
      { influxBucket: '_monitoring' },
      'setting influxBucket is "_monitoring"; allowed is the name of a bucket, 1 to 255',
    ],
    [{ influxBucket: 'a"b' }, 'without quotes, and not beginning with _'],
    [{ influxBucket: 'a'.repeat(256) }, 'allowed is the name of a bucket, 1 to 255 characters'],
    [
      { influxUrl: '', influxTokenSecret: '', influxManaged: true, influxBucket: 'b' },
      'setting influxBucket is "b"; with influxManaged it has 2 to 64 characters',
    ],
    [{ influxRetentionDays: 7 }, 'setting influxRetentionDays is 7; leave it out: it is for a managed InfluxDB'],
    [{ influxRetentionDays: -1 }, 'setting influxRetentionDays is -1; allowed is a whole number from 0 to 3650'],
    [{ alarmThresholds: 'InfluxDisk=101' }, 'of InfluxDisk and InfluxCpu to 100'],
    [{ influxOrg: '', influxBucket: '' }, 'influxUrl also needs influxBucket'],
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

  it.each(['b', 'db/rp', 'telegraf/autogen', 'my bucket', 'a'.repeat(255), 'Lasttests (März)'])(
    'influxBucket=%s of an InfluxDB of your own is taken',
    (influxBucket) => {
      expect(parseSettings({ ...ownInflux, influxBucket }).influx).toMatchObject({ bucket: influxBucket });
    },
  );

  it.each(['me@example.com', "o'neil+alarms@sub-domain.example.co.uk"])('alarmEmail=%s is taken', (alarmEmail) => {
    expect(parseSettings({ ...ownInflux, alarmEmail }).alarmEmail).toBe(alarmEmail);
  });

  it('a managed InfluxDB is refused where there is none, with what to do, and nowhere else', () => {
    const parse = (region: string | undefined, given: object = { influxManaged: true }) =>
      parseSettings({ ...given }, { region }).influx.kind;
    expect(() => parse('us-west-1')).toThrow(/not exist in us-west-1; deploy to another region .+, or give influxUrl/);
    for (const region of ['us-east-1', undefined]) expect(parse(region)).toBe('managed');
    expect(parse('us-west-1', ownInflux)).toBe('own');
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

  it('everything that is wrong is listed at once', () => {
    expect(() => parseSettings({ ...ownInflux, shards: 0, retain: 'no' })).toThrow(/shards is 0.*\n.*retain is "no"/);
  });
});

import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as z from 'zod';
import { idleSecondsChoices } from '../lambda/collector/env.ts';
import { leadsElsewhere, readInfluxUrl } from './influx-url.ts';

/** What a deployment may choose, each by its name in cdk.json's `context` or by `-c name=value`, which comes first. */
export interface Settings {
  /** Where the samples go: an InfluxDB that is there, or one that is deployed along. */
  readonly influx: InfluxSettings;
  /** How many collectors share the targets. */
  readonly shards: number;
  /** Memory of the collector; CPU comes with it. */
  readonly memoryMb: number;
  /** A test's start is seen within so many seconds; 60: once a minute. */
  readonly idleSeconds: number;
  /** The network that the functions run in; undefined: none of one's own. */
  readonly network: { readonly vpcId: string; readonly subnetIds: readonly string[] } | undefined;
  readonly allowPrivateAddresses: boolean;
  readonly alarmEmail: string | undefined;
  /** Tables, secrets, waiting lines and a managed InfluxDB outlive their stacks. */
  readonly retain: boolean;
  readonly logRetentionDays: RetentionDays;
  /** Where alarms link to, without the anchor; undefined: they name the README's heading. */
  readonly runbookUrl: string | undefined;
}

export type InfluxSettings =
  | {
      readonly kind: 'own';
      readonly url: string;
      readonly org: string;
      readonly bucket: string;
      /** A secret's name in Secrets Manager. */
      readonly tokenSecret: string;
    }
  | { readonly kind: 'managed'; readonly org: string; readonly bucket: string };

const logRetentionChoices = Object.values(RetentionDays).filter(
  (days): days is RetentionDays => typeof days === 'number' && days !== RetentionDays.INFINITE,
);

/** Values come as JSON from cdk.json and as text from `-c`; an empty one is as good as none. */
const setting = <Value>(allowed: string, read: (text: string) => Value | undefined): z.ZodType<Value | undefined> =>
  z.unknown().transform((given, context) => {
    const text = Array.isArray(given) ? given.join(',') : isPlain(given) ? String(given).trim() : undefined;
    if (given === undefined || given === null || text === '') return undefined;
    const value = text === undefined ? undefined : read(text);
    if (value === undefined) context.addIssue({ code: 'custom', message: allowed });
    return value;
  });

const isPlain = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

const matching = (allowed: string, pattern: RegExp): z.ZodType<string | undefined> =>
  setting(allowed, (text) => (pattern.test(text) ? text : undefined));
const wholeNumber = (min: number, max: number): z.ZodType<number | undefined> =>
  setting(`a whole number from ${min} to ${max}`, (text) =>
    /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max ? Number(text) : undefined,
  );
const oneOf = <Choice extends number>(choices: readonly Choice[]): z.ZodType<Choice | undefined> =>
  setting(`one of ${choices.join(', ')}`, (text) => choices.find((choice) => String(choice) === text));
const yesOrNo = setting('true or false', (text) => (text === 'true' ? true : text === 'false' ? false : undefined));
/** Lambda takes so many. */
const maxSubnets = 16;
const subnets = setting(`subnet ids, each once, ${maxSubnets} at most, separated by commas`, (text) => {
  const ids = text.split(',').map((id) => id.trim());
  const isEachOnce = new Set(ids).size === ids.length && ids.length <= maxSubnets;
  return isEachOnce && ids.every((id) => /^subnet-[0-9a-f]{8,17}$/.test(id)) ? ids : undefined;
});

const context = z.object({
  influxUrl: setting('an http or https URL without user, password, query and white space', readInfluxUrl),
  influxOrg: matching('the name of an organisation, 1 to 64 characters', /^[^\p{Cc}]{1,64}$/u),
  influxBucket: matching('the name of a bucket, 2 to 64 characters', /^[^_"][^\p{Cc}"]{1,63}$/u),
  influxTokenSecret: matching('the name (not the ARN) of a secret in Secrets Manager', /^[\w/+=.@-]{1,512}$/),
  influxManaged: yesOrNo,
  shards: wholeNumber(1, 100),
  memoryMb: wholeNumber(128, 10_240),
  idleSeconds: oneOf(idleSecondsChoices),
  vpcId: matching('the id of a VPC, such as vpc-0123456789abcdef0', /^vpc-[0-9a-f]{8,17}$/),
  subnetIds: subnets,
  allowPrivateAddresses: yesOrNo,
  alarmEmail: matching('an e-mail address', /^[\w.!#$%&'*+/=?^`{|}~-]+@[a-z\d-]+(?:\.[a-z\d-]+)+$/i),
  retain: yesOrNo,
  logRetentionDays: oneOf(logRetentionChoices),
  runbookUrl: matching('where the README is: an http or https URL without an anchor', /^https?:\/\/[^\s#]{1,400}$/),
});

type Context = z.output<typeof context>;

/** The names of all settings. */
const settingNames: readonly string[] = Object.keys(context.shape);

/** What the CDK keeps in the context: its flags, what it has looked up, and what `cdk acknowledge` and the like say. */
const isOfCdk = (key: string): boolean =>
  /[:/@]/.test(key) || key === 'acknowledged-issue-numbers' || key === 'cli-telemetry';

/** A setting that is wrong, missing or unknown: what `cdk` prints. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/**
 * Reads the settings from a CDK app's context.
 * @param options.isEmulated AWS is an emulator on this machine, whose functions reach what listens on loopback
 * @throws SettingsError that names each setting that is wrong, its value, and what is allowed
 */
export function parseSettings(given: Readonly<Record<string, unknown>>, options = { isEmulated: false }): Settings {
  const unknown = Object.keys(given).filter((key) => !isOfCdk(key) && !settingNames.includes(key));
  const parsed = context.safeParse(Object.fromEntries(settingNames.map((name) => [name, given[name]])));
  const problems = [
    ...unknown.map((name) => `there is no setting ${name}; the settings are ${settingNames.join(', ')}`),
    ...(parsed.error?.issues ?? []).map(({ path: [name], message }) => {
      return `setting ${String(name)} is ${JSON.stringify(given[String(name)])}; allowed is ${message}`;
    }),
  ];
  if (!parsed.success || problems.length > 0) throw new SettingsError(problems.join('\n'));
  const { vpcId, subnetIds, influxUrl } = parsed.data;
  if (influxUrl !== undefined && !options.isEmulated && !leadsElsewhere(influxUrl)) {
    const allowed = 'the URL of a host that a function in AWS can reach, which localhost and loopback are not';
    throw new SettingsError(`setting influxUrl is ${JSON.stringify(influxUrl)}; allowed is ${allowed}`);
  }
  const network = vpcId === undefined || subnetIds === undefined ? undefined : { vpcId, subnetIds };
  if (network === undefined && (vpcId ?? subnetIds) !== undefined) {
    throw new SettingsError('settings vpcId and subnetIds go together: give both, or none');
  }
  return {
    influx: influxOf(parsed.data),
    shards: parsed.data.shards ?? 1,
    memoryMb: parsed.data.memoryMb ?? 256,
    idleSeconds: parsed.data.idleSeconds ?? 10,
    network,
    // Who puts the collector into a network wants to read from there.
    allowPrivateAddresses: parsed.data.allowPrivateAddresses ?? network !== undefined,
    alarmEmail: parsed.data.alarmEmail,
    retain: parsed.data.retain ?? true,
    logRetentionDays: parsed.data.logRetentionDays ?? RetentionDays.TWO_WEEKS,
    runbookUrl: parsed.data.runbookUrl,
  };
}

const bothWays = `
  npx cdk deploy --all -c influxUrl=https://influx.example.com -c influxOrg=my-org -c influxBucket=locust -c influxTokenSecret=my/token
or, for one that is deployed along (about 120 USD a month),
  npx cdk deploy --all -c influxManaged=true`;

function influxOf(settings: Context): InfluxSettings {
  const { influxUrl: url, influxOrg: org, influxBucket: bucket, influxTokenSecret: tokenSecret } = settings;
  const managed = settings.influxManaged === true;
  if (url === undefined && !managed) {
    throw new SettingsError(`neither influxUrl nor influxManaged is set. Give an InfluxDB that is there,${bothWays}`);
  }
  if (url !== undefined && managed) {
    throw new SettingsError(`influxUrl is ${JSON.stringify(url)} and influxManaged is true; give one of the two`);
  }
  if (url === undefined) {
    if (tokenSecret === undefined) return { kind: 'managed', org: org ?? 'locust2influx', bucket: bucket ?? 'locust' };
    throw new SettingsError(`influxTokenSecret is ${JSON.stringify(tokenSecret)}; with influxManaged it is made`);
  }
  const missing = Object.entries({ influxOrg: org, influxBucket: bucket, influxTokenSecret: tokenSecret })
    .filter(([, value]) => value === undefined)
    .map(([name]) => name);
  if (org === undefined || bucket === undefined || tokenSecret === undefined) {
    throw new SettingsError(`influxUrl needs ${missing.join(', ')} as well, as in${bothWays}`);
  }
  return { kind: 'own', url, org, bucket, tokenSecret };
}

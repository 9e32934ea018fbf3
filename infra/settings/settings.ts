import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as z from 'zod';
import { idleSecondsChoices } from '../../lambda/collector/env.ts';
import { maxRetentionDays } from '../../lambda/influx-setup/env.ts';
import { alarmsWithThreshold, defaultThresholds, percentThresholds } from '../alarms/alarm-thresholds.ts';
import type { AlarmThresholds } from '../alarms/alarm-thresholds.ts';
import type { GivenSettings } from './given-settings.ts';
import { influxOf } from './influx-settings.ts';
import type { InfluxSettings } from './influx-settings.ts';
import { leadsElsewhere, readInfluxUrl } from './influx-url.ts';
import { SettingsError } from './settings-error.ts';
import { matching, numbersByName, oneOf, setting, wholeNumber, yesOrNo } from './values.ts';

/** What a deployment may choose, each by its name in cdk.json's `context` or by `-c name=value`, which comes first. */
export interface Settings {
  /** What the names of all that is deployed begin with; another one is another deployment. */
  readonly name: string;
  /** Where samples go: an existing InfluxDB, or one that is deployed along with the rest. */
  readonly influx: InfluxSettings;
  /** How many collectors share the targets. */
  readonly shards: number;
  /** Memory of the collector; its CPU grows with it. */
  readonly memoryMb: number;
  /** A started test is noticed within this many seconds; 60: once a minute. */
  readonly idleSeconds: number;
  /** The VPC that the functions run in; undefined: none. */
  readonly network: { readonly vpcId: string; readonly subnetIds: readonly string[] } | undefined;
  readonly allowPrivateAddresses: boolean;
  /** Who is mailed when the platform is in trouble. */
  readonly alarmEmail: string | undefined;
  /** Alarms on targets in trouble, and who is mailed then; undefined: there are none. */
  readonly targetAlarms: { readonly email: string | undefined } | undefined;
  /** From which value on each alarm is raised. */
  readonly alarmThresholds: AlarmThresholds;
  /** Whether there is a dashboard in CloudWatch. */
  readonly dashboard: boolean;
  /** Tables, secrets, waiting lines and a managed InfluxDB outlive their stacks. */
  readonly retain: boolean;
  readonly logRetentionDays: RetentionDays;
  /** Where the runbook is that alarms link to, without an anchor; undefined: alarms name the file. */
  readonly runbookUrl: string | undefined;
}

const logRetentionChoices = Object.values(RetentionDays).filter(
  (days): days is RetentionDays => typeof days === 'number' && days !== RetentionDays.INFINITE,
);

/** Lambda's limit. */
const maxSubnets = 16;
const subnets = setting(`up to ${maxSubnets} different subnet ids, separated by commas`, (text) => {
  const ids = text.split(',').map((id) => id.trim());
  const isEachOnce = new Set(ids).size === ids.length && ids.length <= maxSubnets;
  return isEachOnce && ids.every((id) => /^subnet-[0-9a-f]{8,17}$/.test(id)) ? ids : undefined;
});

const email = matching('an e-mail address', /^[\w.!#$%&'*+/=?^`{|}~-]+@[a-z\d-]+(?:\.[a-z\d-]+)+$/i);

/**
 * The service of a managed InfluxDB takes no other characters, and 40 of them, of which 9 are added. Parameter Store
 * refuses paths that begin with aws or ssm.
 */
const deploymentName = matching(
  '1 to 31 lower-case letters and digits, with single hyphens between them, beginning with a letter and not with aws or ssm',
  /^(?!aws|ssm)(?=.{1,31}$)[a-z][a-z\d]*(?:-[a-z\d]+)*$/,
);

const context = z.object({
  name: deploymentName,
  influxUrl: setting('an http or https URL without user name, password, query or spaces', readInfluxUrl),
  influxOrg: matching('the name of an organisation, 1 to 64 characters', /^[^\p{Cc}]{1,64}$/u),
  influxBucket: matching(
    'the name of a bucket, 1 to 255 characters without quotes, and not beginning with _',
    /^[^_"\p{Cc}][^"\p{Cc}]{0,254}$/u,
  ),
  influxTokenSecret: matching('the name (not the ARN) of a secret in Secrets Manager', /^[\w/+=.@-]{1,512}$/),
  influxManaged: yesOrNo,
  influxRetentionDays: wholeNumber(0, maxRetentionDays),
  shards: wholeNumber(1, 100),
  memoryMb: wholeNumber(128, 10_240),
  idleSeconds: oneOf(idleSecondsChoices),
  vpcId: matching('the id of a VPC, such as vpc-0123456789abcdef0', /^vpc-[0-9a-f]{8,17}$/),
  subnetIds: subnets,
  allowPrivateAddresses: yesOrNo,
  alarmEmail: email,
  targetAlarms: yesOrNo,
  targetAlarmEmail: email,
  alarmThresholds: numbersByName(alarmsWithThreshold, {
    ...{ max: 1_000_000, percent: percentThresholds, example: 'Missed=20,LinesWaiting=300' },
  }),
  dashboard: yesOrNo,
  retain: yesOrNo,
  logRetentionDays: oneOf(logRetentionChoices),
  runbookUrl: matching(
    'where infra/alarms/README.md is: an http or https URL without an anchor',
    /^https?:\/\/[^\s#]{1,400}$/,
  ),
} satisfies Record<keyof GivenSettings, z.ZodType>);

/** The names of all settings. */
const settingNames: readonly string[] = Object.keys(context.shape);

/** Whether the CDK itself keeps this key in the context: flags, look-ups, what `cdk acknowledge` writes. */
const isOfCdk = (key: string): boolean =>
  /[:/@]/.test(key) || key === 'acknowledged-issue-numbers' || key === 'cli-telemetry';

/** What is known of where it will be deployed. */
interface Surroundings {
  /** Whether AWS is an emulator on this machine, whose functions can reach loopback; default false. */
  readonly isEmulated?: boolean;
  /** Undefined: any. */
  readonly region?: string | undefined;
}

/**
 * Reads the settings from a CDK app's context.
 * @throws SettingsError that names each setting that is wrong, its value, and what is allowed
 */
export function parseSettings(given: Readonly<Record<string, unknown>>, options: Surroundings = {}): Settings {
  const unknown = Object.keys(given).filter((key) => !isOfCdk(key) && !settingNames.includes(key));
  const parsed = context.safeParse(Object.fromEntries(settingNames.map((name) => [name, given[name]])));
  const problems = [
    ...unknown.map((name) => `unknown setting ${name}; the settings are ${settingNames.join(', ')}`),
    ...(parsed.error?.issues ?? []).map(({ path: [name], message }) => {
      return `setting ${String(name)} is ${JSON.stringify(given[String(name)])}; allowed is ${message}`;
    }),
  ];
  if (!parsed.success || problems.length > 0) throw new SettingsError(problems.join('\n'));
  const { vpcId, subnetIds, influxUrl } = parsed.data;
  if (influxUrl !== undefined && options.isEmulated !== true && !leadsElsewhere(influxUrl)) {
    const allowed = 'the URL of a host that a function in AWS can reach, so not localhost';
    throw new SettingsError(`setting influxUrl is ${JSON.stringify(influxUrl)}; allowed is ${allowed}`);
  }
  const network = vpcId === undefined || subnetIds === undefined ? undefined : { vpcId, subnetIds };
  if (network === undefined && (vpcId ?? subnetIds) !== undefined) {
    throw new SettingsError('settings vpcId and subnetIds go together: give both or neither');
  }
  return {
    name: parsed.data.name ?? 'locust2influx',
    influx: influxOf(parsed.data, options.region),
    shards: parsed.data.shards ?? 1,
    memoryMb: parsed.data.memoryMb ?? 256,
    idleSeconds: parsed.data.idleSeconds ?? 10,
    network,
    // A collector is put into a network to read Locusts there.
    allowPrivateAddresses: parsed.data.allowPrivateAddresses ?? network !== undefined,
    alarmEmail: parsed.data.alarmEmail,
    targetAlarms: targetAlarmsOf(parsed.data),
    alarmThresholds: { ...defaultThresholds, ...parsed.data.alarmThresholds },
    dashboard: parsed.data.dashboard ?? false,
    retain: parsed.data.retain ?? true,
    logRetentionDays: parsed.data.logRetentionDays ?? RetentionDays.TWO_WEEKS,
    runbookUrl: parsed.data.runbookUrl,
  };
}

/** @throws SettingsError for an address that would never get a mail */
function targetAlarmsOf(given: z.output<typeof context>): Settings['targetAlarms'] {
  const { targetAlarms, targetAlarmEmail, alarmEmail } = given;
  if (targetAlarms === true) return { email: targetAlarmEmail ?? alarmEmail };
  if (targetAlarmEmail === undefined) return undefined;
  throw new SettingsError(
    `setting targetAlarmEmail is ${JSON.stringify(targetAlarmEmail)}, but there are no alarms on targets; set targetAlarms to true, or leave it out`,
  );
}

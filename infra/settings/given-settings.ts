import type { AlarmThresholds } from '../alarms/alarm-thresholds.ts';

/**
 * What a deployment may be given: by its name in cdk.json's `context`, by `-c name=value`, or as the props of a
 * `Locust2influx`. Limits are checked when it is read. Which of them are required, and what each is for, is told at length
 * in infra/README.md.
 */
export interface GivenSettings {
  /** What the names of the stacks begin with; default `locust2influx`. */
  readonly name?: string;
  /** The InfluxDB to write to; required, unless `influxManaged`. */
  readonly influxUrl?: string;
  /** Its organisation; InfluxDB 1 and 3 Core have none. Default with `influxManaged`: `locust2influx`. */
  readonly influxOrg?: string;
  /** Its bucket; required with `influxUrl`. Default with `influxManaged`: `locust`. */
  readonly influxBucket?: string;
  /** The name of the secret in Secrets Manager that holds its token; required with `influxUrl`. */
  readonly influxTokenSecret?: string;
  /** Deploys Amazon Timestream for InfluxDB along with the rest; default false. */
  readonly influxManaged?: boolean;
  /** For how many days the bucket of a managed InfluxDB keeps points, 0 for ever; default 30 in a new one. */
  readonly influxRetentionDays?: number;
  /** How many collectors share the targets; default 1. */
  readonly shards?: number;
  /** Memory of the collector, MB; default 256. */
  readonly memoryMb?: number;
  /** How soon a started test is noticed, seconds; default 10. */
  readonly idleSeconds?: number;
  /** The VPC that the functions run in, together with `subnetIds`; default none. */
  readonly vpcId?: string;
  readonly subnetIds?: readonly string[];
  /** Whether targets may have private addresses; default: with `vpcId`. */
  readonly allowPrivateAddresses?: boolean;
  /** Who gets the alarms on the platform by mail; default nobody. */
  readonly alarmEmail?: string;
  /** Whether there are alarms on targets in trouble; default false. */
  readonly targetAlarms?: boolean;
  /** Who gets these by mail; default `alarmEmail`. */
  readonly targetAlarmEmail?: string;
  /** From which value on alarms are raised; default as in alarms/alarm-thresholds.ts. */
  readonly alarmThresholds?: Partial<AlarmThresholds>;
  /** Whether there is a dashboard in CloudWatch; default false. */
  readonly dashboard?: boolean;
  /** Whether tables, buckets, tokens and a managed InfluxDB outlive their stacks; default true. */
  readonly retain?: boolean;
  /** One of CloudWatch's choices; default 14. */
  readonly logRetentionDays?: number;
  /** Where people find infra/alarms/README.md; default: alarms name the file. */
  readonly runbookUrl?: string;
}

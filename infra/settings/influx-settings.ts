import { requireManagedInflux } from './managed-regions.ts';
import { SettingsError } from './settings-error.ts';

export type InfluxSettings =
  | {
      readonly kind: 'own';
      readonly url: string;
      /** Undefined for InfluxDB 1 and 3 Core, which have none. */
      readonly org: string | undefined;
      readonly bucket: string;
      /** A secret's name in Secrets Manager. */
      readonly tokenSecret: string;
    }
  | {
      readonly kind: 'managed';
      readonly org: string;
      readonly bucket: string;
      /** For how many days its bucket keeps points, 0 for ever; undefined: nobody says, and a new one has its default. */
      readonly retentionDays: number | undefined;
    };

/** What is given of it, each undefined when it is not. */
interface GivenInflux {
  readonly influxUrl: string | undefined;
  readonly influxOrg: string | undefined;
  readonly influxBucket: string | undefined;
  readonly influxTokenSecret: string | undefined;
  readonly influxManaged: boolean | undefined;
  readonly influxRetentionDays: number | undefined;
}

/** Timestream for InfluxDB takes fewer names than InfluxDB does. */
function requireManagedBucket(name = 'locust'): string {
  if (name.length >= 2 && name.length <= 64) return name;
  throw new SettingsError(
    `setting influxBucket is ${JSON.stringify(name)}; with influxManaged it has 2 to 64 characters`,
  );
}

const bothWays = `
  npx cdk deploy --all -c influxUrl=https://influx.example.com -c influxOrg=my-org -c influxBucket=locust -c influxTokenSecret=my/token
or, to deploy one along with the rest (about 126 USD a month),
  npx cdk deploy --all -c influxManaged=true`;

/** Where samples go, by the settings that say so. @throws SettingsError when they contradict each other, or one is missing */
export function influxOf(settings: GivenInflux, region: string | undefined): InfluxSettings {
  const { influxUrl: url, influxOrg: org, influxBucket: bucket, influxTokenSecret: tokenSecret } = settings;
  const { influxManaged, influxRetentionDays: retentionDays } = settings;
  const managed = influxManaged === true;
  if (url === undefined && !managed) {
    throw new SettingsError(`neither influxUrl nor influxManaged is set. To use your own InfluxDB:${bothWays}`);
  }
  if (url !== undefined && managed) {
    throw new SettingsError(`influxUrl is ${JSON.stringify(url)} and influxManaged is true; give only one of the two`);
  }
  if (url === undefined) {
    requireManagedInflux(region);
    const managedBucket = requireManagedBucket(bucket);
    if (tokenSecret === undefined) {
      return { kind: 'managed', org: org ?? 'locust2influx', bucket: managedBucket, retentionDays };
    }
    throw new SettingsError(
      `influxTokenSecret is ${JSON.stringify(tokenSecret)}; leave it out: with influxManaged the secret is created`,
    );
  }
  if (retentionDays !== undefined) {
    const why = 'it is for a managed InfluxDB; how long yours keeps points is set in its bucket';
    throw new SettingsError(`setting influxRetentionDays is ${retentionDays}; leave it out: ${why}`);
  }
  const missing = Object.entries({ influxBucket: bucket, influxTokenSecret: tokenSecret })
    .filter(([, value]) => value === undefined)
    .map(([name]) => name);
  if (bucket === undefined || tokenSecret === undefined) {
    throw new SettingsError(`influxUrl also needs ${missing.join(', ')}, for example:${bothWays}`);
  }
  return { kind: 'own', url, org, bucket, tokenSecret };
}

import type { CollectorVariables } from '../../lambda/collector/env.ts';
import type { InfluxInNetwork } from './private-network.ts';

/** Where lines are written to, and how to prove that one may. */
export interface InfluxDestination {
  readonly url: string;
  readonly org: string;
  readonly bucket: string;
  /** What a function asks Secrets Manager for. */
  readonly tokenSecretId: string;
  /** What its role is allowed to read. */
  readonly tokenSecretArn: string;
  /** Undefined for an InfluxDB that needs no way into a network. */
  readonly inNetwork: InfluxInNetwork | undefined;
}

/** The part of a function's environment that tells where InfluxDB is: the same names for all that write to it. */
export type InfluxVariables = Pick<
  CollectorVariables,
  'INFLUX_URL' | 'INFLUX_ORG' | 'INFLUX_BUCKET' | 'INFLUX_TOKEN_SECRET'
>;

export function influxVariables({ url, org, bucket, tokenSecretId }: InfluxDestination): InfluxVariables {
  return { INFLUX_URL: url, INFLUX_ORG: org, INFLUX_BUCKET: bucket, INFLUX_TOKEN_SECRET: tokenSecretId };
}

import type { CollectorVariables } from '../../lambda/collector/env.ts';
import type { InfluxInNetwork } from './private-network.ts';

/** Where lines are written, and the token that allows it. */
export interface InfluxDestination {
  readonly url: string;
  /** Undefined where InfluxDB has none. */
  readonly org: string | undefined;
  readonly bucket: string;
  /** The secret that a function asks Secrets Manager for. */
  readonly tokenSecretId: string;
  /** The secret that its role may read. */
  readonly tokenSecretArn: string;
  /** Undefined for an InfluxDB that is reached without a network of its own. */
  readonly inNetwork: InfluxInNetwork | undefined;
}

/** The part of a function's environment that says where InfluxDB is: the same names for every writer. */
export type InfluxVariables = Pick<
  CollectorVariables,
  'INFLUX_URL' | 'INFLUX_ORG' | 'INFLUX_BUCKET' | 'INFLUX_TOKEN_SECRET'
>;

export function influxVariables({ url, org, bucket, tokenSecretId }: InfluxDestination): InfluxVariables {
  const where = { INFLUX_URL: url, INFLUX_BUCKET: bucket, INFLUX_TOKEN_SECRET: tokenSecretId };
  return { ...where, ...(org !== undefined && { INFLUX_ORG: org }) };
}

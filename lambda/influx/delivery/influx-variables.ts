import * as z from 'zod';

/** Where InfluxDB is, in a function's environment: the same names for all that write to it. */
export const influxVariables = {
  /** http or https, with a base path if there is one. */
  INFLUX_URL: z.url({ protocol: /^https?$/ }),
  /** InfluxDB 1 and 3 Core have none. */
  INFLUX_ORG: z.string().default(''),
  INFLUX_BUCKET: z.string().min(1),
  /** Name or ARN of the secret in Secrets Manager that is InfluxDB's token, or the token itself: one of the two. */
  INFLUX_TOKEN_SECRET: z.string().min(1).optional(),
  INFLUX_TOKEN: z.string().min(1).optional(),
};

interface InfluxTokenVariables {
  readonly INFLUX_TOKEN_SECRET?: string | undefined;
  readonly INFLUX_TOKEN?: string | undefined;
}

export function hasOneToken({ INFLUX_TOKEN, INFLUX_TOKEN_SECRET }: InfluxTokenVariables): boolean {
  return (INFLUX_TOKEN === undefined) !== (INFLUX_TOKEN_SECRET === undefined);
}

/** What to say where `hasOneToken` does not hold. */
export const oneToken = {
  path: ['INFLUX_TOKEN_SECRET'],
  error: 'exactly one of INFLUX_TOKEN_SECRET and INFLUX_TOKEN is to be set',
};

/** Where lines go, and what proves that one may write there. */
export interface InfluxSettings {
  readonly influx: { readonly url: string; readonly org: string; readonly bucket: string };
  readonly influxToken: { readonly secretId: string } | { readonly token: string };
}

/** @param env has passed `influxVariables` and `hasOneToken` */
export function influxOf(
  env: InfluxTokenVariables & {
    readonly INFLUX_URL: string;
    readonly INFLUX_ORG: string;
    readonly INFLUX_BUCKET: string;
  },
): InfluxSettings {
  const { INFLUX_TOKEN_SECRET: secretId, INFLUX_TOKEN: token = '' } = env;
  return {
    influx: { url: env.INFLUX_URL, org: env.INFLUX_ORG, bucket: env.INFLUX_BUCKET },
    influxToken: secretId === undefined ? { token } : { secretId },
  };
}

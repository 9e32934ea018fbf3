import * as z from 'zod';
import { parseEnvironment } from '../runtime/parse-environment.ts';

/** For how long the bucket of a new InfluxDB keeps points, if nobody says otherwise. */
export const defaultRetentionDays = 30;
export const maxRetentionDays = 3_650;

const setupEnv = z.object({
  INFLUX_URL: z.url({ protocol: /^https?$/ }),
  INFLUX_ORG: z.string().min(1),
  INFLUX_BUCKET: z.string().min(1),
  /** Name or ARN of the secret that is `{"username", "password"}`. */
  SIGN_IN_SECRET: z.string().min(1),
  /** Name or ARN of the secret that the token is put into. */
  TOKEN_SECRET: z.string().min(1),
  /** For how many days the bucket keeps points, 0 for ever; without it a new bucket keeps them as long as by default. */
  INFLUX_RETENTION_DAYS: z.coerce.number<string>().int().min(0).max(maxRetentionDays).optional(),
});

/** The variables of the environment of InfluxDB's setup: what the stacks have to set. */
export type InfluxSetupVariables = z.input<typeof setupEnv>;

export interface InfluxSetupEnv {
  readonly influx: { readonly url: string; readonly org: string; readonly bucket: string };
  readonly signInSecret: string;
  readonly tokenSecret: string;
  /** Undefined: nobody has said. */
  readonly retentionDays: number | undefined;
}

/**
 * Reads the environment of InfluxDB's setup.
 * @throws Error that names each variable that is wrong and what is allowed
 */
export function parseInfluxSetupEnv(given: Readonly<Record<string, string | undefined>>): InfluxSetupEnv {
  const env = parseEnvironment(setupEnv, given, "InfluxDB's setup");
  const { INFLUX_URL, INFLUX_ORG, INFLUX_BUCKET, SIGN_IN_SECRET, TOKEN_SECRET } = env;
  return {
    influx: { url: INFLUX_URL.replace(/\/+$/, ''), org: INFLUX_ORG, bucket: INFLUX_BUCKET },
    signInSecret: SIGN_IN_SECRET,
    tokenSecret: TOKEN_SECRET,
    retentionDays: env.INFLUX_RETENTION_DAYS,
  };
}

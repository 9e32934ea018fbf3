import * as z from 'zod';

const setupEnv = z.object({
  INFLUX_URL: z.url({ protocol: /^https?$/ }),
  INFLUX_ORG: z.string().min(1),
  INFLUX_BUCKET: z.string().min(1),
  /** Name or ARN of the secret that is `{"username", "password"}`. */
  SIGN_IN_SECRET: z.string().min(1),
  /** Name or ARN of the secret that the token is put into. */
  TOKEN_SECRET: z.string().min(1),
});

/** The variables of the environment of InfluxDB's setup: what the stacks have to set. */
export type InfluxSetupVariables = z.input<typeof setupEnv>;

export interface InfluxSetupEnv {
  readonly influx: { readonly url: string; readonly org: string; readonly bucket: string };
  readonly signInSecret: string;
  readonly tokenSecret: string;
}

/**
 * Reads the environment of InfluxDB's setup.
 * @throws Error that names each variable that is wrong and what is allowed
 */
export function parseInfluxSetupEnv(given: Readonly<Record<string, string | undefined>>): InfluxSetupEnv {
  const parsed = setupEnv.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new Error(`the environment of InfluxDB's setup is wrong: ${problems.join('; ')}`);
  }
  const { INFLUX_URL, INFLUX_ORG, INFLUX_BUCKET, SIGN_IN_SECRET, TOKEN_SECRET } = parsed.data;
  return {
    influx: { url: INFLUX_URL.replace(/\/+$/, ''), org: INFLUX_ORG, bucket: INFLUX_BUCKET },
    signInSecret: SIGN_IN_SECRET,
    tokenSecret: TOKEN_SECRET,
  };
}

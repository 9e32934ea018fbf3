import * as z from 'zod';
import { hasOneToken, influxOf, influxVariables, oneToken } from '../influx/delivery/influx-variables.ts';
import { parseEnvironment } from '../runtime/parse-environment.ts';
import type { InfluxSettings } from '../influx/delivery/influx-variables.ts';

const { INFLUX_URL, INFLUX_ORG, INFLUX_BUCKET, INFLUX_TOKEN, INFLUX_TOKEN_SECRET } = influxVariables;

const variables = z.object({
  TARGETS_TABLE: z.string().min(1),
  RUNS_TABLE: z.string().min(1),
  /** SSM Parameter Store: the secrets of targets are kept below it. */
  TARGET_SECRETS_PREFIX: z.string().regex(/^(?:\/[\w.-]+)+$/, { error: 'it looks like /locust2influx/targets' }),
  /** Names or ARNs of secrets in Secrets Manager, each the bare token. */
  ADMIN_TOKEN_SECRET: z.string().min(1),
  REPORTER_TOKEN_SECRET: z.string().min(1),
  /** The bucket of the lines that InfluxDB has not taken; without it there are no dead letters to see. */
  SPOOL_BUCKET: z.string().min(1).optional(),
  /** Where reports are written to that Locusts send; without a URL none are taken. */
  INFLUX_URL: INFLUX_URL.optional(),
  INFLUX_ORG,
  INFLUX_BUCKET: INFLUX_BUCKET.optional(),
  INFLUX_TOKEN_SECRET,
  INFLUX_TOKEN,
  /** The queue that invokes the collector, and how many collectors share the targets; without it, edits wake nobody. */
  WAKE_QUEUE_URL: z.url().optional(),
  SHARDS: z.coerce.number<string>().int().min(1).max(100).default(1),
  /** `true` where targets may have private addresses. */
  ALLOW_PRIVATE_ADDRESSES: z.enum(['true', 'false']).default('false'),
});

const adminEnv = variables
  .refine((env) => env.INFLUX_URL === undefined || hasOneToken(env), oneToken)
  .refine((env) => (env.INFLUX_URL === undefined) === (env.INFLUX_BUCKET === undefined), {
    path: ['INFLUX_BUCKET'],
    error: 'INFLUX_URL and INFLUX_BUCKET are set together',
  });

/** The variables of the admin API's environment: what the stacks have to set. */
export type AdminVariables = z.input<typeof adminEnv>;

export interface AdminSettings {
  readonly tables: { readonly targets: string; readonly runs: string };
  readonly secretsPrefix: string;
  readonly tokenSecrets: { readonly admin: string; readonly reporter: string };
  readonly spoolBucket: string | undefined;
  /** Undefined where no reports are taken. */
  readonly influx: InfluxSettings | undefined;
  readonly allowPrivateAddresses: boolean;
  /** Undefined where edits wake nobody. */
  readonly wake: { readonly queueUrl: string; readonly shards: number } | undefined;
}

/**
 * Reads the admin API's environment.
 * @throws Error that names each variable that is wrong and what is allowed
 */
export function parseAdminEnv(variables: Readonly<Record<string, string | undefined>>): AdminSettings {
  const env = parseEnvironment(adminEnv, variables, 'the admin API');
  return {
    tables: { targets: env.TARGETS_TABLE, runs: env.RUNS_TABLE },
    secretsPrefix: env.TARGET_SECRETS_PREFIX,
    tokenSecrets: { admin: env.ADMIN_TOKEN_SECRET, reporter: env.REPORTER_TOKEN_SECRET },
    spoolBucket: env.SPOOL_BUCKET,
    influx: influxIn(env),
    allowPrivateAddresses: env.ALLOW_PRIVATE_ADDRESSES === 'true',
    wake: env.WAKE_QUEUE_URL === undefined ? undefined : { queueUrl: env.WAKE_QUEUE_URL, shards: env.SHARDS },
  };
}

function influxIn(env: z.output<typeof adminEnv>): InfluxSettings | undefined {
  const { INFLUX_URL, INFLUX_BUCKET } = env;
  if (INFLUX_URL === undefined || INFLUX_BUCKET === undefined) return undefined;
  return influxOf({ ...env, INFLUX_URL, INFLUX_BUCKET });
}

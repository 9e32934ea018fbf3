import * as z from 'zod';

const adminEnv = z.object({
  TARGETS_TABLE: z.string().min(1),
  RUNS_TABLE: z.string().min(1),
  /** SSM Parameter Store: the secrets of targets are kept below it. */
  TARGET_SECRETS_PREFIX: z.string().regex(/^(?:\/[\w.-]+)+$/, { error: 'it looks like /locust2influx/targets' }),
  /** Names or ARNs of secrets in Secrets Manager, each the bare token. */
  ADMIN_TOKEN_SECRET: z.string().min(1),
  REPORTER_TOKEN_SECRET: z.string().min(1),
  /** The bucket of the lines that InfluxDB has not taken; without it there are no dead letters to see. */
  SPOOL_BUCKET: z.string().min(1).optional(),
  /** `true` where targets may have private addresses. */
  ALLOW_PRIVATE_ADDRESSES: z.enum(['true', 'false']).default('false'),
});

/** The variables of the admin API's environment: what the stacks have to set. */
export type AdminVariables = z.input<typeof adminEnv>;

export interface AdminSettings {
  readonly tables: { readonly targets: string; readonly runs: string };
  readonly secretsPrefix: string;
  readonly tokenSecrets: { readonly admin: string; readonly reporter: string };
  readonly spoolBucket: string | undefined;
  readonly allowPrivateAddresses: boolean;
}

/**
 * Reads the admin API's environment.
 * @throws Error that names each variable that is wrong and what is allowed
 */
export function parseAdminEnv(variables: Readonly<Record<string, string | undefined>>): AdminSettings {
  const parsed = adminEnv.safeParse(variables);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new Error(`the admin API's environment is wrong: ${problems.join('; ')}`);
  }
  const env = parsed.data;
  return {
    tables: { targets: env.TARGETS_TABLE, runs: env.RUNS_TABLE },
    secretsPrefix: env.TARGET_SECRETS_PREFIX,
    tokenSecrets: { admin: env.ADMIN_TOKEN_SECRET, reporter: env.REPORTER_TOKEN_SECRET },
    spoolBucket: env.SPOOL_BUCKET,
    allowPrivateAddresses: env.ALLOW_PRIVATE_ADDRESSES === 'true',
  };
}

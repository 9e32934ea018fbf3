import * as z from 'zod';
import { hasOneToken, influxOf, influxVariables, oneToken } from '../influx/delivery/influx-variables.ts';
import { parseEnvironment } from '../runtime/parse-environment.ts';
import { collectorMetrics } from '../windows/window-figures.ts';
import type { InfluxSettings } from '../influx/delivery/influx-variables.ts';

/** How soon after its start a test is seen, in seconds; 60 turns idle polls between windows off. */
export const idleSecondsChoices = [2, 5, 10, 15, 20, 30, 60] as const;

const oneOf = (choices: readonly number[]): z.ZodType<number, string | undefined> =>
  z
    .string()
    .default('10')
    .transform(Number)
    .refine((value) => choices.includes(value), { error: `allowed are ${choices.join(', ')}` });

const variables = z.object({
  TARGETS_TABLE: z.string().min(1),
  RUNS_TABLE: z.string().min(1),
  ...influxVariables,
  /** SSM Parameter Store: the secrets of targets are kept below it. Without it, a target with secrets cannot be read. */
  TARGET_SECRETS_PREFIX: z
    .string()
    .regex(/^(?:\/[\w.-]+)+$/, { error: 'it looks like /locust2influx/targets' })
    .optional(),
  /** Where delayed idle polls are sent; without it a start is seen once a minute. */
  WAKE_QUEUE_URL: z.url().optional(),
  /** The bucket where lines wait that InfluxDB does not take; without it they wait in memory to their window's end. */
  SPOOL_BUCKET: z.string().min(1).optional(),
  IDLE_SECONDS: oneOf(idleSecondsChoices),
  /** What logs and metrics say that they are of. */
  SERVICE_NAME: z.string().min(1).default(collectorMetrics.defaultService),
  /** `true` where targets may have private addresses. */
  ALLOW_PRIVATE_ADDRESSES: z.enum(['true', 'false']).default('false'),
});

const collectorEnv = variables.refine(hasOneToken, oneToken);

/** The variables of the collector's environment: what the stacks have to set. */
export type CollectorVariables = z.input<typeof collectorEnv>;

export interface CollectorEnv extends InfluxSettings {
  readonly targetsTable: string;
  readonly runsTable: string;
  readonly targetSecretsPrefix: string | undefined;
  readonly wakeQueueUrl: string | undefined;
  readonly spoolBucket: string | undefined;
  readonly idleSeconds: number;
  readonly serviceName: string;
  readonly allowPrivateAddresses: boolean;
}

/**
 * Reads the collector's environment.
 * @throws Error that names each variable that is wrong and what is allowed; never its value, which may be a secret
 */
export function parseCollectorEnv(given: Readonly<Record<string, string | undefined>>): CollectorEnv {
  const env = parseEnvironment(collectorEnv, given, 'the collector');
  return {
    targetsTable: env.TARGETS_TABLE,
    runsTable: env.RUNS_TABLE,
    ...influxOf(env),
    targetSecretsPrefix: env.TARGET_SECRETS_PREFIX,
    wakeQueueUrl: env.WAKE_QUEUE_URL,
    spoolBucket: env.SPOOL_BUCKET,
    idleSeconds: env.IDLE_SECONDS,
    serviceName: env.SERVICE_NAME,
    allowPrivateAddresses: env.ALLOW_PRIVATE_ADDRESSES === 'true',
  };
}

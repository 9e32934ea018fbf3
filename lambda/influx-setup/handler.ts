import { Logger } from '@aws-lambda-powertools/logger';
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { awsLimits } from '../runtime/aws-limits.ts';
import { systemClock as clock } from '../runtime/clock.ts';
import { answerCloudFormation } from './answer-cloudformation.ts';
import { parseInfluxSetupEnv } from './env.ts';
import type { InfluxSetupEnv } from './env.ts';
import type { InfluxSetupPorts } from './provide-token.ts';
import { setUp } from './set-up.ts';

const signInText = z
  .string()
  .transform((text) => z.object({ username: z.string(), password: z.string() }).parse(JSON.parse(text)));

function portsOf({ influx, signInSecret, tokenSecret }: InfluxSetupEnv): InfluxSetupPorts {
  const client = new SecretsManagerClient({ requestHandler: awsLimits });
  const read = async (SecretId: string): Promise<string | undefined> =>
    (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString;
  return {
    clock,
    influx,
    readSignIn: async () => signInText.parse(await read(signInSecret)),
    readToken: () => read(tokenSecret),
    async putToken(token) {
      await client.send(new PutSecretValueCommand({ SecretId: tokenSecret, SecretString: token }));
    },
  };
}

/** The Lambda behind the custom resource: CloudFormation calls it once the InfluxDB instance is there, and on changes. */
export async function handler(event: unknown): Promise<void> {
  const logger = new Logger({ serviceName: 'locust2influx-influx-setup' });
  await answerCloudFormation(event, async (occasion) => {
    const env = parseInfluxSetupEnv(process.env);
    logger.info('set up', { ...(await setUp(portsOf(env), { occasion, retentionDays: env.retentionDays })) });
  });
}

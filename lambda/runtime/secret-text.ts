import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { awsLimits } from './aws-limits.ts';

/**
 * Reads one secret of Secrets Manager, by name or ARN, that is text.
 * @throws Error when it cannot be read or holds nothing but spaces; it names the secret and never shows its text
 */
export async function readSecretText(
  secretId: string,
  client = new SecretsManagerClient({ requestHandler: awsLimits }),
): Promise<string> {
  let text: string | undefined;
  try {
    ({ SecretString: text } = await client.send(new GetSecretValueCommand({ SecretId: secretId })));
  } catch (error) {
    const reason = error instanceof Error ? error.name : 'unknown';
    throw new Error(`the secret ${secretId} cannot be read: ${reason}`, { cause: error });
  }
  if (text === undefined || text.trim() === '') throw new Error(`the secret ${secretId} holds no text`);
  return text.trim();
}

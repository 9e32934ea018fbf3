import { SSMClient } from '@aws-sdk/client-ssm';
import { awsLimits } from '../../runtime/aws-limits.ts';
import { createParameterSecrets, keepInMemory } from '../../runtime/target-secrets.ts';
import type { TargetSecretsStore } from '../../runtime/target-secrets.ts';

/** Most of a second to the second try where Parameter Store throttles, half a minute to the last one. */
const maxAttempts = 5;

/** The secrets of targets in SSM Parameter Store, each read once. A module of its own, to be loaded when needed. */
export function openTargetSecrets(prefix: string): Pick<TargetSecretsStore, 'read'> {
  return keepInMemory(createParameterSecrets(new SSMClient({ requestHandler: awsLimits, maxAttempts }), prefix));
}

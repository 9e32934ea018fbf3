import { SSMClient } from '@aws-sdk/client-ssm';
import { createParameterSecrets, keepInMemory } from '../runtime/target-secrets.ts';
import type { TargetSecretsStore } from '../runtime/target-secrets.ts';

/** Without these the SDK waits for ever where a network leads nowhere. It tries three times. */
const limits = { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true };

/** The secrets of targets in SSM Parameter Store, each read once. A module of its own, to be loaded when needed. */
export function openTargetSecrets(prefix: string): Pick<TargetSecretsStore, 'read'> {
  return keepInMemory(createParameterSecrets(new SSMClient({ requestHandler: limits }), prefix));
}

import { SSMClient } from '@aws-sdk/client-ssm';
import { createParameterSecrets, keepInMemory } from '../runtime/target-secrets.ts';
import type { TargetSecretsStore } from '../runtime/target-secrets.ts';

/** The secrets of targets in SSM Parameter Store, each read once. A module of its own, to be loaded when needed. */
export function openTargetSecrets(prefix: string): Pick<TargetSecretsStore, 'read'> {
  return keepInMemory(createParameterSecrets(new SSMClient(), prefix));
}

import { DeleteParameterCommand, ParameterNotFound, PutParameterCommand } from '@aws-sdk/client-ssm';
import type { SSMClient } from '@aws-sdk/client-ssm';
import * as z from 'zod';
import { createParameterReader } from './read-parameters.ts';
import type { TargetSecrets } from './secrets.ts';

/** What SSM's standard tier takes as one parameter, bytes; the file store keeps to it, so that targets can be moved. */
export const maxSecretBytes = 4096;

/** Which secrets: those that a target's item names. What stands under a reference is never changed. */
export interface SecretsKey {
  /** The target's id. */
  readonly target: string;
  /** The item's `secretsRef`. */
  readonly ref: string;
}

/**
 * Keeps the secrets of targets. Each version has a reference of its own, which the target's item holds: a reader of
 * an item gets the secrets that belong to it or none, however many edits are under way or broke off in the middle.
 * All of it rejects when the store fails, with an error that says nothing of the secrets.
 */
export interface TargetSecretsStore {
  /** Undefined when there is nothing under the key. @throws Error when what is there does not fit */
  read(key: SecretsKey): Promise<TargetSecrets | undefined>;
  /** Keeps new secrets under a new reference, of at most `maxSecretBytes` as JSON. */
  create(key: SecretsKey, secrets: TargetSecrets): Promise<void>;
  /** Removes them; no error when they are gone already. */
  remove(key: SecretsKey): Promise<void>;
}

const targetSecrets = z.object({
  auth: z
    .discriminatedUnion('type', [
      z.object({ type: z.literal('basic'), username: z.string(), password: z.string() }),
      z.object({ type: z.literal('bearer'), token: z.string() }),
      z.object({ type: z.literal('form'), url: z.string(), fields: z.record(z.string(), z.string()) }),
    ])
    .exactOptional(),
  headers: z.record(z.string(), z.string()).exactOptional(),
});

/**
 * Reads back what `JSON.stringify` made of secrets.
 * @throws Error without anything of the text
 */
export function parseSecrets(text: string): TargetSecrets {
  try {
    return targetSecrets.parse(JSON.parse(text));
  } catch {
    throw new Error('the stored secrets of a target are damaged');
  }
}

/** SSM Parameter Store: one SecureString per target, `<prefix>/<target>/<ref>`. @param prefix begins with a slash */
export function createParameterSecrets(client: SSMClient, prefix: string): TargetSecretsStore {
  const nameOf = ({ target, ref }: SecretsKey): string => `${prefix.replace(/\/+$/, '')}/${target}/${ref}`;
  const readParameter = createParameterReader(client);
  return {
    async read(key) {
      const text = await quietly('read', () => readParameter(nameOf(key)));
      return text === undefined ? undefined : parseSecrets(text);
    },
    async create(key, secrets) {
      const Value = JSON.stringify(secrets);
      await quietly('keep', () =>
        client.send(new PutParameterCommand({ Name: nameOf(key), Value, Type: 'SecureString', Overwrite: false })),
      );
    },
    async remove(key) {
      await quietly('remove', () =>
        unlessMissing(() => client.send(new DeleteParameterCommand({ Name: nameOf(key) }))),
      );
    },
  };
}

async function unlessMissing<Result>(action: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof ParameterNotFound) return undefined;
    throw error;
  }
}

/** SSM's own messages may repeat the value that they refuse, so nothing but the error's name goes on. */
function quietly<Result>(doing: string, action: () => Promise<Result>): Promise<Result> {
  return action().catch((error: unknown) => {
    const reason = error instanceof Error ? error.name : 'unknown';
    throw new Error(`SSM Parameter Store could not ${doing} the secrets of a target: ${reason}`);
  });
}

/** A target has credentials, but they are not in the store: give them again. */
export class SecretsGone extends Error {
  override readonly name = 'SecretsGone';
}

/** Which secrets a target has, if any. */
interface WithSecrets {
  readonly id: string;
  readonly secretsRef?: string | undefined;
}

/** What a target's requests are sent with: nothing where it has no secrets, undefined where those it has are gone. */
export async function findSecretsOf(
  store: Pick<TargetSecretsStore, 'read'>,
  { id, secretsRef }: WithSecrets,
): Promise<TargetSecrets | undefined> {
  return secretsRef === undefined ? {} : store.read({ target: id, ref: secretsRef });
}

/**
 * The same for who cannot go on without them.
 * @throws SecretsGone
 */
export async function readSecretsOf(
  store: Pick<TargetSecretsStore, 'read'>,
  target: WithSecrets,
): Promise<TargetSecrets> {
  const secrets = await findSecretsOf(store, target);
  if (secrets === undefined) throw new SecretsGone('they are gone');
  return secrets;
}

/**
 * Secrets as a collector needs them, once for each sample: those that were read stay in memory, which is safe because
 * what stands under a reference never changes. Failures and holes are not kept.
 * @param maxKept so many targets' secrets at most; default 5,000
 */
export function keepInMemory(
  store: Pick<TargetSecretsStore, 'read'>,
  maxKept = 5_000,
): Pick<TargetSecretsStore, 'read'> {
  const kept = new Map<string, Promise<TargetSecrets | undefined>>();
  return {
    read(key) {
      const name = `${key.target}/${key.ref}`;
      const known = kept.get(name);
      if (known !== undefined) return known;
      const forget = (): boolean => kept.delete(name);
      const reading = store.read(key);
      kept.set(name, reading);
      reading.then((secrets) => secrets ?? forget(), forget);
      const [oldest] = kept.keys();
      if (kept.size > maxKept && oldest !== undefined) kept.delete(oldest);
      return reading;
    },
  };
}

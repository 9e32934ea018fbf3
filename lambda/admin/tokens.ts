import { createHash, timingSafeEqual } from 'node:crypto';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Clock } from '../runtime/clock.ts';
import { readSecretText } from '../runtime/secret-text.ts';

/** What a token may do: all, or only put, renew, switch off and report its own targets. */
export type Role = 'admin' | 'reporter';

export type Tokens = Readonly<Record<Role, string>>;

/** Tells whose token one is; undefined for nobody's. Rejects when the tokens cannot be read. */
export type RoleOf = (token: string) => Promise<Role | undefined>;

/** Compares in a time that depends on neither the tokens nor where they differ. @throws Error for an empty token */
function roleAmong(token: string, { admin, reporter }: Tokens): Role | undefined {
  // Who sends nothing would otherwise be let in where somebody forgot to set one.
  if (admin === '' || reporter === '') throw new Error('a token of the admin API is empty');
  const given = digest(token);
  const [isAdmin, isReporter] = [timingSafeEqual(given, digest(admin)), timingSafeEqual(given, digest(reporter))];
  if (isAdmin) return 'admin';
  return isReporter ? 'reporter' : undefined;
}

/** timingSafeEqual wants equal lengths. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** For tokens that stay as they are. */
export function fixedTokens(tokens: Tokens): RoleOf {
  return (token) => Promise.resolve(roleAmong(token, tokens));
}

/** A token that nobody knows makes them be read again, at most so often: rotation works, and guessing costs no more. */
const rereadAfterMs = 60_000;

/**
 * For tokens that may be rotated: read when first needed, and again when an unknown one comes, at most once a minute.
 * A rotated token is therefore refused no longer than a minute after a first refusal; the old one works as long as
 * nobody sends another.
 */
export function rotatingTokens(read: () => Promise<Tokens>, clock: Clock): RoleOf {
  let known: { readonly tokens: Promise<Tokens>; readonly readAtMs: number } | undefined;
  const load = (): Promise<Tokens> => {
    const loading = { tokens: read(), readAtMs: clock.now() };
    known = loading;
    loading.tokens.catch(() => {
      if (known === loading) known = undefined;
    });
    return loading.tokens;
  };
  return async (token) => {
    const role = roleAmong(token, await (known?.tokens ?? load()));
    const isFresh = known !== undefined && clock.now() - known.readAtMs < rereadAfterMs;
    return role !== undefined || isFresh ? role : roleAmong(token, await load());
  };
}

/** Reads two secrets of Secrets Manager, by name or ARN, each of them the bare token. */
export function readTokenSecrets(client: SecretsManagerClient, secretIds: Tokens): () => Promise<Tokens> {
  return async () => {
    const ids = [secretIds.admin, secretIds.reporter];
    const [admin = '', reporter = ''] = await Promise.all(ids.map((id) => readSecretText(id, client)));
    return { admin, reporter };
  };
}

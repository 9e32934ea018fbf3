import { createHash, timingSafeEqual } from 'node:crypto';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { apartMs } from '../../runtime/clock.ts';
import type { Clock } from '../../runtime/clock.ts';
import { readSecretText } from '../../runtime/secret-text.ts';

/** What a token may do: all, or only put, renew, switch off and report its own targets. */
export type Role = 'admin' | 'reporter';

export type Tokens = Readonly<Record<Role, string>>;

/** A token that could be found by trying is none. Those that are made have 32 characters. */
const minTokenLength = 16;

/** What is wrong with a token that somebody chose; undefined for nothing. Does not show it. */
export function tokenProblem(token: string): string | undefined {
  if (!/^[\x21-\x7e]+$/.test(token)) return 'may hold printable ASCII characters only, no spaces';
  return token.length < minTokenLength ? `needs at least ${minTokenLength} characters` : undefined;
}

/** Whose token it is; undefined for nobody's. Rejects when the tokens cannot be read. */
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

/** An unknown token makes them be read again, at most this often: rotation works, and guessing costs little. */
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
    const isFresh = known !== undefined && apartMs(clock.now(), known.readAtMs) < rereadAfterMs;
    return role !== undefined || isFresh ? role : roleAmong(token, await load());
  };
}

/**
 * Reads two secrets of Secrets Manager, by name or ARN, each of them the bare token. Rejects, naming the secret, where
 * one is none.
 */
export function readTokenSecrets(client: SecretsManagerClient, secretIds: Tokens): () => Promise<Tokens> {
  return async () => {
    const ids = [secretIds.admin, secretIds.reporter];
    const [admin = '', reporter = ''] = await Promise.all(ids.map((id) => readToken(id, client)));
    return { admin, reporter };
  };
}

async function readToken(id: string, client: SecretsManagerClient): Promise<string> {
  const token = await readSecretText(id, client);
  const problem = tokenProblem(token);
  if (problem !== undefined) throw new Error(`the token in the secret ${id} ${problem}`);
  return token;
}

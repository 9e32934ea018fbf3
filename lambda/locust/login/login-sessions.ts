import type { FormCredentials } from '../../runtime/secrets.ts';
import type { Failure } from '../failure.ts';
import type { SignedIn } from './sign-in.ts';

/** So many sessions are remembered. The oldest go first, and their targets are signed in again. */
const maxSessions = 5_000;

/** A session with one target, as far as it has come. */
export interface LoginSession {
  /** The value of the header `cookie`; undefined before the first login, and after one that was of no use. */
  cookie?: string | undefined;
  /** A login under way, for all who need it. */
  signingIn?: Promise<SignedIn> | undefined;
  /** Why the last login was of no use, and when that was, ms. */
  failed?: { readonly failure: Failure; readonly atMs: number } | undefined;
}

/** Sessions with targets behind login forms: in memory alone. Meant to live as long as the process. */
export interface LoginSessions {
  /** The session of these credentials with a target: others have another one. */
  of(url: string, auth: FormCredentials): LoginSession;
}

export function createLoginSessions(): LoginSessions {
  const sessions = new Map<string, LoginSession>();
  return {
    of(url, auth) {
      const key = JSON.stringify([url, auth]);
      const session = sessions.get(key) ?? {};
      sessions.set(key, session);
      const [oldest] = sessions.keys();
      if (sessions.size > maxSessions && oldest !== undefined) sessions.delete(oldest);
      return session;
    },
  };
}

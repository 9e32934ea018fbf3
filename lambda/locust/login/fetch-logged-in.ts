import { apartMs } from '../../runtime/clock.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { FormCredentials } from '../../runtime/secrets.ts';
import type { Failure } from '../failure.ts';
import { defaultTimeoutMs, type ReportRequest } from '../fetch/report-request.ts';
import type { LoginSession, LoginSessions } from './login-sessions.ts';
import { joinCookies, type SignedIn } from './sign-in.ts';

/** After a login that was of no use, the next comes so much later: some servers lock out who tries too often. */
const loginAgainMs = 60_000;

/** A request of a target behind a login form. */
export type FormRequest = ReportRequest & { readonly auth: FormCredentials };

interface LoginParts<Outcome> {
  readonly sessions: LoginSessions;
  /** Signs in once. Never rejects. */
  readonly signIn: (request: FormRequest) => Promise<SignedIn>;
  readonly fetch: (request: ReportRequest) => Promise<Outcome>;
  readonly clock: Clock;
}

interface Failed {
  readonly ok: false;
  readonly failure: Failure;
}

export function isBehindForm(request: ReportRequest): request is FormRequest {
  return request.auth?.type === 'form';
}

/**
 * Fetches what is behind a login form: signs in first, and again where the session is over. One reading signs in once at
 * most, and all of it has the time of one reading.
 */
export async function fetchLoggedIn<Outcome extends { readonly ok: true } | Failed>(
  request: FormRequest,
  { sessions, signIn, fetch, clock }: LoginParts<Outcome>,
): Promise<Outcome | Failed> {
  const session = sessions.of(request.url, request.auth);
  const { timeoutMs = defaultTimeoutMs } = request;
  const endsAtMs = clock.now() + timeoutMs;
  const inTime = (): FormRequest => ({ ...request, timeoutMs: Math.max(1, endsAtMs - clock.now()) });
  const { cookie } = session;
  if (cookie !== undefined) {
    const fetched = await fetch(withCookie(inTime(), cookie));
    if (!asksForLogin(fetched)) return fetched;
  }
  const signedIn = await signInAgain(session, cookie, () => signIn(inTime()), clock);
  if (!signedIn.ok) return signedIn;
  const fetched = await fetch(withCookie(inTime(), signedIn.cookie));
  if (!asksForLogin(fetched)) return fetched;
  return { ok: false, failure: loginFailed(session, stillRefused(new URL(request.url)), clock) };
}

/** Signs in, unless another reading has done so meanwhile, or it was of no use a moment ago. */
async function signInAgain(
  session: LoginSession,
  refused: string | undefined,
  signIn: () => Promise<SignedIn>,
  clock: Clock,
): Promise<SignedIn> {
  const { cookie, failed: last } = session;
  if (cookie !== undefined && cookie !== refused) return { ok: true, cookie };
  if (last !== undefined && apartMs(clock.now(), last.atMs) < loginAgainMs) return { ok: false, failure: last.failure };
  session.signingIn ??= signIn().finally(() => {
    session.signingIn = undefined;
  });
  const signedIn = await session.signingIn;
  if (signedIn.ok) {
    session.cookie = signedIn.cookie;
    session.failed = undefined;
  } else if (signedIn.failure.kind === 'login-failed' || signedIn.wasSent === true) {
    loginFailed(session, signedIn.failure, clock);
  }
  return signedIn;
}

function loginFailed(session: LoginSession, failure: Failure, clock: Clock): Failure {
  session.cookie = undefined;
  session.failed = { failure, atMs: clock.now() };
  return failure;
}

function stillRefused({ host }: URL): Failure {
  const message =
    `${host} was signed in to by its login form, but still asks for a login: check auth.url and the names and values ` +
    'in auth.fields. It is tried again a minute later.';
  return { kind: 'login-failed', message };
}

function asksForLogin(fetched: { readonly ok: true } | Failed): boolean {
  return !fetched.ok && fetched.failure.asksForLogin === true;
}

/** The same request as what an anonymous one would be, with its session. */
function withCookie(request: FormRequest, cookie: string): ReportRequest {
  const entries = Object.entries(request.headers ?? {});
  const own = entries.find(([name]) => name.toLowerCase() === 'cookie');
  const rest = Object.fromEntries(entries.filter((entry) => entry !== own));
  return { ...request, auth: undefined, headers: { ...rest, cookie: joinCookies(own?.[1], cookie) } };
}

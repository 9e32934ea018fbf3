import type { FormCredentials } from '../../runtime/secrets.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Failure } from '../failure.ts';
import { getBounded, type Answer, type BoundedGet } from '../fetch/get-bounded.ts';
import { GetError } from '../fetch/get-error.ts';
import { failureOfError } from '../fetch/get-failure.ts';
import { textReader } from '../fetch/text-reader.ts';
import { createCookies, maxCookieBytes, type Cookies } from './cookies.ts';
import type { LoginForm } from './login-form.ts';

/** Of a page with a form no more is read: Locust's own has 1 kB. */
const maxLoginPageBytes = 128 * 1024;

/** The value of a session's header `cookie`, or why there is none. */
export type SignedIn =
  | { readonly ok: true; readonly cookie: string }
  | {
      readonly ok: false;
      readonly failure: Failure;
      /** What a person entered was sent, whatever became of it. */
      readonly wasSent?: boolean;
    };

/** One login by a form. */
export interface SignIn {
  readonly auth: FormCredentials;
  /** With the headers of the target's own requests. */
  readonly get: Omit<BoundedGet, 'url' | 'maxBytes' | 'reader' | 'form'>;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Does the work on a page, and counts what it costs. */
  readonly spend: <Result>(work: () => Result) => Result;
}

/**
 * Signs in once: fetches the form for its hidden inputs and cookies, and sends it. No redirect is followed, and no cookie
 * of another host is kept. Never rejects.
 */
export async function signIn(login: SignIn): Promise<SignedIn> {
  const url = new URL(login.auth.url);
  const cookies = createCookies(url.hostname);
  let wasSent = false;
  try {
    const { action = url.href, hidden } = await fetchForm(url, cookies, login);
    const to = URL.parse(action, url.href);
    if (to?.origin !== url.origin) return failed(`The login form of ${url.host} leads to another address.`);
    to.hash = '';
    const form = new URLSearchParams({ ...hidden, ...login.auth.fields }).toString();
    wasSent = true;
    const { status } = await send(to, cookies, { ...login, form });
    if (cookies.header() !== '' && status < 400) return { ok: true, cookie: cookies.header() };
    return failed(noSession(url, status));
  } catch (error) {
    return { ok: false, failure: failureOf(error, url, login), wasSent };
  }
}

async function fetchForm(url: URL, cookies: Cookies, login: SignIn): Promise<LoginForm> {
  const { reader, text } = textReader(maxLoginPageBytes);
  await send(url, cookies, { ...login, reader });
  // Where the address takes forms only (405), there is nothing to read.
  if (reader.heldBytes() === 0) return { action: undefined, hidden: {} };
  // Loaded when the first target has a form: most have none.
  const { readLoginForm } = await import('./login-form.ts');
  return login.spend(() => readLoginForm(text(), Object.keys(login.auth.fields)));
}

async function send(
  url: URL,
  cookies: Cookies,
  { get, clock, reader, form }: SignIn & Partial<Pick<BoundedGet, 'reader' | 'form'>>,
): Promise<Answer> {
  const headers = {
    ...get.headers,
    accept: 'text/html',
    'accept-encoding': 'identity',
    ...(cookies.header() !== '' && { cookie: joinCookies(get.headers['cookie'], cookies.header()) }),
    // Some servers take a form only from a page of their own.
    ...(form !== undefined && {
      'content-type': 'application/x-www-form-urlencoded',
      origin: url.origin,
      referer: url.href,
    }),
  };
  const limits = { maxBytes: maxLoginPageBytes, ...(reader && { reader }), ...(form !== undefined && { form }) };
  const answer = await getBounded({ ...get, url, headers, ...limits });
  if (!cookies.take(answer.setCookies, clock.now())) throw new GetError('TOO_MANY_COOKIES', 'reading');
  return answer;
}

/** A target's own cookies, and those of its session. */
export function joinCookies(own: string | undefined, session: string): string {
  return own === undefined ? session : `${own}; ${session}`;
}

function noSession({ host }: URL, status: number): string {
  if (status === 404 || status === 405) {
    return `There is no login form at the address in auth.url (${host} answers with HTTP ${status}); give the address of the page with the form, or the one that its form is sent to.`;
  }
  if (status >= 400) {
    return `${host} does not accept the login form (HTTP ${status}); check the names and values in auth.fields.`;
  }
  return `${host} takes the login form, but starts no session (no cookie came, HTTP ${status}); check auth.url and the names and values in auth.fields.`;
}

function failed(message: string): SignedIn {
  return { ok: false, failure: { kind: 'login-failed', message } };
}

function failureOf(error: unknown, url: URL, { timeoutMs }: SignIn): Failure {
  const code = error instanceof GetError ? error.code : undefined;
  if (code === 'TOO_MANY_COOKIES') {
    const message = `The login of ${url.host} sets cookies of more than the ${maxCookieBytes} bytes allowed.`;
    return { kind: 'too-large', message };
  }
  if (code === 'TOO_LARGE' || code === 'TOO_LARGE_PLAIN') {
    const message = `The login page of ${url.host} is larger than the ${maxLoginPageBytes} bytes allowed.`;
    return { kind: 'too-large', message };
  }
  return failureOfError(error, url, { timeoutMs, maxBytes: maxLoginPageBytes, maxPlainBytes: maxLoginPageBytes });
}

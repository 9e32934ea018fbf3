import type { Failure } from '../failure.ts';
import type { Answer } from './get-bounded.ts';

/** What a status mostly means, and what to do. */
const statusHints: ReadonlyMap<number, string> = new Map([
  [400, 'if it serves HTTPS, use https://'],
  [404, "check the URL's base path"],
  [407, 'a proxy in between wants credentials; let the collector reach Locust without it'],
  [429, 'something before Locust limits how often it may be asked; sample it less often'],
  [
    500,
    'the error is in Locust: its own log says which. It happens where names of requests are of several types, such as a ' +
      'text and a number; give each request a text as its name',
  ],
  [502, 'a proxy in between does not reach Locust; check that Locust runs and where the proxy leads'],
  [503, 'a proxy in between does not reach Locust; check that Locust runs and where the proxy leads'],
  [504, 'a proxy in between got no answer from Locust in time; check that Locust runs and where the proxy leads'],
]);

/** The failure that an answer's status is; undefined for 200. */
export function failureOfStatus({ status, location }: Answer, url: URL): Failure | undefined {
  if (status === 200) return undefined;
  if (status === 401 || status === 403) {
    const message = `${url.host} answers HTTP ${status}: credentials are missing or wrong; check the target's auth.`;
    return { kind: 'unauthorized', message, asksForLogin: true };
  }
  if (status >= 300 && status < 400) return redirected(status, location, url);
  const hint = status === 400 && url.protocol === 'https:' ? undefined : statusHints.get(status);
  const message = `${url.host} answers with HTTP ${status} instead of a report${hint === undefined ? '' : `; ${hint}`}.`;
  return { kind: 'http-status', message };
}

/** Nothing of the location is quoted: what it says is the target's word, and may hold a token. */
function redirected(status: number, location: string | undefined, url: URL): Failure {
  const start = `${url.host} redirects (HTTP ${status})`;
  const to = location === undefined ? null : URL.parse(location, url.href);
  if (to === null) return { kind: 'redirected', message: `${start} without saying where.` };
  const [where, hint] = redirectWords(to, url);
  const message = `${start} to ${where}, which is not followed: ${hint}.`;
  return { kind: 'redirected', message, ...(to.origin === url.origin && { asksForLogin: true }) };
}

function redirectWords(to: URL, from: URL): readonly [where: string, hint: string] {
  if (to.protocol !== 'http:' && to.protocol !== 'https:') return ['something that is no web page', 'check the URL'];
  if (isSignIn(to)) {
    const hint = 'something before Locust, such as a load balancer, asks people to sign in; let the collector past it';
    return ['a sign-in page', hint];
  }
  if (to.hostname !== from.hostname) return ['another host', 'give the URL that answers by itself'];
  if (to.protocol !== from.protocol) {
    const scheme = to.protocol === 'https:' ? 'https' : 'http';
    return [scheme, `give the URL with ${scheme}://`];
  }
  if (to.port !== from.port) return ['another port of its own', 'give the URL that answers by itself'];
  if (/\/login\/?$/.test(to.pathname)) {
    const hint =
      'give the address, names and values of its form as the auth of type form, as for Locust with --web-login';
    return ['a login page', hint];
  }
  return ['another path of its own', 'it may be a login page, or the URL lacks its base path'];
}

/** OAuth and OpenID Connect, as load balancers and proxies ask for it, and SAML. */
function isSignIn({ pathname, searchParams }: URL): boolean {
  const keys = ['client_id', 'SAMLRequest', 'redirect_uri'];
  return keys.some((key) => searchParams.has(key)) || /\/(?:oauth2?|saml2?|authorize)(?:\/|$)/i.test(pathname);
}

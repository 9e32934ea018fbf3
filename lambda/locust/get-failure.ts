import { BlockedAddressError } from './address-policy.ts';
import type { Failure } from './failure.ts';
import { GetError, type Answer, type GetPhase } from './get-bounded.ts';

const dnsCode = /^(ENOTFOUND|ENODATA|EAI_)/;
// libuv's codes are one word, which tells them from OpenSSL's (CERT_HAS_EXPIRED, ERR_SSL_…). EPROTO is OpenSSL's too.
const networkCode = /^E(?!PROTO$)[A-Z0-9]+$/;
const untrustedCode = /SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)|CERT_UNTRUSTED/;
// What OpenSSL makes of an answer in plain text; Node mostly calls it EPROTO.
const plainHttpCode = /^(EPROTO|ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG))$/;

const phaseWords: Readonly<Record<GetPhase, string>> = {
  connecting: 'it was still being looked up or connected to',
  'tls-handshake': 'the TLS handshake was not over',
  waiting: 'no complete answer head had come',
  reading: 'the body was not complete',
};

/** Says what a GET's error means. `deadlineMs` and `maxBytes` are the limits that it had. */
export function failureOfError(error: unknown, url: URL, limits: { deadlineMs: number; maxBytes: number }): Failure {
  if (!(error instanceof GetError))
    return { kind: 'refused', message: `The request to ${url.host} could not be made.` };
  const { code, phase, cause } = error;
  if (cause instanceof BlockedAddressError) return { kind: 'blocked-address', message: cause.message };
  if (code === 'DEADLINE') {
    const message = `${url.host} did not answer within ${limits.deadlineMs} ms: ${phaseWords[phase]}.`;
    return { kind: 'timeout', message };
  }
  if (code === 'ETIMEDOUT') {
    return { kind: 'timeout', message: `${url.host} cannot be reached: connecting timed out (ETIMEDOUT).` };
  }
  if (code === 'TOO_LARGE') return tooLarge(url, limits.maxBytes);
  if (code === 'TOO_MANY_PIECES') {
    return { kind: 'too-large', message: `${url.host} sends its answer in too many tiny pieces.` };
  }
  if (code === 'CROWDED_OUT') {
    return { kind: 'too-large', message: `${url.host} sent the largest of many large answers, more than fit at once.` };
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return { kind: 'too-large', message: `${url.host} sends more response headers than the 16 KiB allowed.` };
  }
  return networkFailure(code, phase, url);
}

function networkFailure(code: string, phase: GetPhase, url: URL): Failure {
  if (dnsCode.test(code)) {
    return { kind: 'dns', message: `The name ${url.hostname} cannot be resolved (${code}); check its spelling.` };
  }
  if (code.startsWith('HPE_')) {
    const hint = url.protocol === 'http:' ? '; if it serves HTTPS, use https://' : '';
    return { kind: 'not-locust', message: `${url.host} answers, but not in proper HTTP (${code})${hint}.` };
  }
  if (code === 'ECONNRESET' && phase === 'tls-handshake') {
    return { kind: 'tls', message: `${url.host} closed the connection during the TLS handshake.` };
  }
  if (networkCode.test(code)) return { kind: 'refused', message: refusedMessage(code, phase, url.host) };
  if (url.protocol === 'https:') return { kind: 'tls', message: tlsMessage(code, url.host) };
  return { kind: 'refused', message: `The connection to ${url.host} failed (${code}).` };
}

function refusedMessage(code: string, phase: GetPhase, host: string): string {
  if (code === 'ECONNREFUSED') {
    return `Nothing listens at ${host} (ECONNREFUSED); check that Locust's web UI runs and that the port is right.`;
  }
  if (phase === 'reading') return `${host} broke the connection off before its answer was complete (${code}).`;
  if (phase === 'waiting') return `${host} closed the connection without an answer (${code}).`;
  return `${host} cannot be reached (${code}); check its address and the network in between.`;
}

function tlsMessage(code: string, host: string): string {
  if (untrustedCode.test(code)) {
    return `The certificate of ${host} is signed by nobody trusted here (${code}); give its CA in the target's tls.ca.`;
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `The certificate of ${host} is for another name (${code}); use a name that the certificate holds.`;
  }
  if (code === 'CERT_HAS_EXPIRED') return `The certificate of ${host} has expired (${code}); renew it.`;
  if (plainHttpCode.test(code)) return `${host} does not speak TLS (${code}); if it serves plain HTTP, use http://.`;
  return `The TLS connection to ${host} failed (${code}).`;
}

/** The failure of a body beyond `maxBytes`. */
export function tooLarge(url: URL, maxBytes: number): Failure {
  return { kind: 'too-large', message: `The answer of ${url.host} is larger than the ${maxBytes} bytes allowed.` };
}

/** The failure that an answer's status is; undefined for 200. */
export function failureOfStatus({ status, location }: Answer, url: URL): Failure | undefined {
  if (status === 200) return undefined;
  if (status === 401 || status === 403) {
    const message = `${url.host} refuses the credentials or wants some (HTTP ${status}); check the target's auth.`;
    return { kind: 'unauthorized', message };
  }
  if (status >= 300 && status < 400) return { kind: 'redirected', message: redirectedMessage(status, location, url) };
  const hint = status === 404 ? "; check the URL's base path" : '';
  return { kind: 'http-status', message: `${url.host} answers with HTTP ${status} instead of a report${hint}.` };
}

/** Nothing of the location is quoted: what it says is the target's word, and may hold a token. */
function redirectedMessage(status: number, location: string | undefined, url: URL): string {
  const start = `${url.host} redirects (HTTP ${status})`;
  const to = location === undefined ? null : URL.parse(location, url.href);
  if (to === null) return `${start} without saying where.`;
  const [where, hint] = redirectWords(to, url);
  return `${start} to ${where}, which is not followed: ${hint}.`;
}

function redirectWords(to: URL, from: URL): readonly [where: string, hint: string] {
  if (to.protocol !== 'http:' && to.protocol !== 'https:') return ['something that is no web page', 'check the URL'];
  if (to.hostname !== from.hostname) return ['another host', 'give the URL that answers by itself'];
  if (to.protocol !== from.protocol) {
    const scheme = to.protocol === 'https:' ? 'https' : 'http';
    return [scheme, `give the URL with ${scheme}://`];
  }
  if (to.port !== from.port) return ['another port of its own', 'give the URL that answers by itself'];
  if (/\/login\/?$/.test(to.pathname)) {
    return ['a login page', "Locust's --web-login does so, and takes a session cookie only"];
  }
  return ['another path of its own', 'it may be a login page, or the URL lacks its base path'];
}

import { isNetworkCode } from '../../runtime/tls-trouble.ts';
import { BlockedAddressError } from '../network/address-policy.ts';
import type { Failure } from '../failure.ts';
import { GetError, type GetPhase } from './get-error.ts';
import { maxInterimAnswers } from './get-bounded.ts';

const dnsCode = /^(ENOTFOUND|ENODATA|EAI_)/;
const goneNameCode = /^(ENOTFOUND|ENODATA)$/;
const untrustedCode = /SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)|CERT_UNTRUSTED/;
// What OpenSSL makes of an answer in plain text; Node mostly calls it EPROTO.
const plainHttpCode = /^(EPROTO|ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG))$/;

const phaseWords: Readonly<Record<GetPhase, string>> = {
  connecting: 'it was still being looked up or connected to',
  'tls-handshake': 'the TLS handshake was not over',
  waiting: 'no complete answer head had come',
  reading: 'the body was not complete',
};

/** Says what a GET's error means. `limits` are those that it had. */
export function failureOfError(
  error: unknown,
  url: URL,
  limits: { readonly timeoutMs: number; readonly maxBytes: number; readonly maxPlainBytes: number },
): Failure {
  if (!(error instanceof GetError))
    return { kind: 'refused', message: `The request to ${url.host} could not be made.` };
  const { code, phase, cause } = error;
  if (cause instanceof BlockedAddressError) return { kind: 'blocked-address', message: cause.message };
  if (code === 'DEADLINE') {
    const isBusy = phase === 'waiting' || phase === 'reading';
    const hint = isBusy
      ? 'its Locust may be overloaded: give it more CPU, or let more workers make the load'
      : 'check its address and the network in between';
    const message = `${url.host} did not answer within ${limits.timeoutMs} ms (${phaseWords[phase]}); ${hint}.`;
    return { kind: 'timeout', message, ...(isBusy && { isBusy }) };
  }
  if (code === 'ETIMEDOUT') {
    return { kind: 'timeout', message: `${url.host} cannot be reached: connecting timed out (ETIMEDOUT).` };
  }
  if (code === 'TOO_LARGE') return tooLarge(url, limits.maxBytes);
  if (code === 'TOO_LARGE_PLAIN') return tooLarge(url, limits.maxPlainBytes);
  if (code === 'TOO_MANY_PIECES') {
    return { kind: 'too-large', message: `${url.host} sends its answer in too many tiny pieces.` };
  }
  if (code === 'TOO_MANY_INTERIM') {
    const message = `${url.host} sends more than the ${maxInterimAnswers} interim answers (HTTP 1xx) allowed.`;
    return { kind: 'too-large', message };
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
  if (code === 'ETIMEOUT') {
    const message = `No name server answers for the name ${url.hostname} (${code}); check its domain and the network's DNS.`;
    return { kind: 'dns', message };
  }
  if (dnsCode.test(code)) {
    const message = `The name ${url.hostname} cannot be resolved (${code}); check its spelling.`;
    return { kind: 'dns', message, ...(goneNameCode.test(code) && { isGone: true }) };
  }
  if (code.startsWith('HPE_')) {
    const hint = url.protocol === 'http:' ? '; if it serves HTTPS, use https://' : '';
    return { kind: 'not-locust', message: `${url.host} answers, but not in proper HTTP (${code})${hint}.` };
  }
  if (code === 'ECONNRESET' && phase === 'tls-handshake') {
    return { kind: 'tls', message: `${url.host} closed the connection during the TLS handshake.` };
  }
  if (isNetworkCode(code)) {
    const isGone = code === 'ECONNREFUSED';
    return { kind: 'refused', message: refusedMessage(code, phase, url), ...(isGone && { isGone }) };
  }
  if (url.protocol === 'https:') return { kind: 'tls', message: tlsMessage(code, url.host) };
  return { kind: 'refused', message: `The connection to ${url.host} failed (${code}).` };
}

function refusedMessage(code: string, phase: GetPhase, { host, protocol }: URL): string {
  if (code === 'ECONNREFUSED') {
    return `Nothing listens at ${host} (ECONNREFUSED); check that Locust's web UI runs and that the port is right.`;
  }
  if (phase === 'reading') return `${host} broke the connection off before its answer was complete (${code}).`;
  if (phase === 'waiting') {
    // What serves HTTPS does not understand a request in plain text.
    const hint = protocol === 'http:' ? '; if it serves HTTPS, use https://' : '';
    return `${host} closed the connection without an answer (${code})${hint}.`;
  }
  return `${host} cannot be reached (${code}); check its address and the network in between.`;
}

function tlsMessage(code: string, host: string): string {
  if (untrustedCode.test(code)) {
    return `The certificate of ${host} is not signed by a trusted CA (${code}); give its CA in the target's tls.ca.`;
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
  const message =
    `The answer of ${url.host} is larger than the ${maxBytes} bytes allowed. Long error texts make it so: keep whole ` +
    'pages out of them, as in response.failure(response.text[:200]).';
  return { kind: 'too-large', message };
}

import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { Credentials } from '../../runtime/secrets.ts';
import type { TlsSettings } from '../network/http-agents.ts';

/** Half of the default interval between samples: the next instant finds the target free again. */
export const defaultTimeoutMs = 5_000;

/** One reading of a target. */
export interface ReportRequest {
  /** Locust's base URL, base path included; query and fragment are ignored. */
  readonly url: string;
  /** The target's id: whose share of CPU the answer uses. Default: the URL, for a client that reads one target. */
  readonly target?: string | undefined;
  readonly auth?: Credentials | undefined;
  /** Sent as they are; `auth` goes before an `authorization` among them. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly tls?: TlsSettings | undefined;
  /** Covers everything from name resolution to the body's last byte. Default 5,000. */
  readonly timeoutMs?: number | undefined;
  /** Limit of the body, before and after decompression. Default 8 MiB. */
  readonly maxBytes?: number | undefined;
}

/** What a request comes to on the wire, or one sentence on why it cannot be sent. */
export type Prepared =
  | { readonly ok: true; readonly url: URL; readonly headers: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly message: string; readonly field?: string };

// These say how the connection is used and whom it leads to, which is Node's part: a wrong one leaves both sides waiting,
// or has a server between us and Locust ask another one. What encodings can be read, the code below knows.
const connectionHeaders = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const fixedHeaders = { accept: 'application/json', 'accept-encoding': 'gzip', 'user-agent': 'locust2influx' };

/** Checks and completes a request. Never throws; no message holds a header's value, a password or a token. */
export function prepareRequest({ url, auth, headers = {} }: ReportRequest): Prepared {
  if (!URL.canParse(url)) return refusal('The target has no valid URL; give one like http://host:8089.');
  const base = new URL(url);
  if (base.protocol !== 'http:' && base.protocol !== 'https:') {
    return refusal("The target's URL must start with http:// or https://.");
  }
  if (base.username !== '' || base.password !== '') {
    return refusal("The target's URL holds credentials; give them as the target's auth instead.");
  }
  if (auth?.type === 'form' && URL.parse(auth.url)?.origin !== base.origin) {
    return { ...refusal("The login form must be at the target's own scheme, host and port."), field: 'auth.url' };
  }
  base.search = '';
  base.pathname = `${base.pathname.replace(/\/+$/, '')}/stats/requests`;
  const all: Record<string, string> = { ...fixedHeaders, ...lowerCased(headers) };
  if (auth !== undefined && auth.type !== 'form') all['authorization'] = authorization(auth);
  const illegal = illegalHeader(all, headers);
  return illegal ?? { ok: true, url: base, headers: all };
}

/**
 * Prepares requests (see `prepareRequest`), each target's once: as long as its credentials and its headers are the same
 * objects, so is what they come to. Remembers every URL that it was given: it is to live as long as one window.
 */
export function createRequestPreparer(): (request: ReportRequest) => Prepared {
  const lastByUrl = new Map<string, Pick<ReportRequest, 'auth' | 'headers'> & { readonly prepared: Prepared }>();
  return (request) => {
    const { url, auth, headers } = request;
    const last = lastByUrl.get(url);
    if (last !== undefined && last.auth === auth && last.headers === headers) return last.prepared;
    const prepared = prepareRequest(request);
    lastByUrl.set(url, { auth, headers, prepared });
    return prepared;
  };
}

function refusal(message: string) {
  return { ok: false as const, message };
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function authorization(auth: Exclude<Credentials, { readonly type: 'form' }>): string {
  return auth.type === 'bearer'
    ? `Bearer ${auth.token}`
    : `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`;
}

/** @param given the target's own headers, of which some are refused that are sent all the same */
function illegalHeader(
  headers: Readonly<Record<string, string>>,
  given: Readonly<Record<string, string>>,
): Prepared | undefined {
  const forbidden = Object.keys(given).find((name) => connectionHeaders.has(name.toLowerCase()));
  if (forbidden !== undefined) {
    const message = `The header ${forbidden} belongs to the connection and cannot be set for a target.`;
    return { ok: false, message, field: `headers.${forbidden}` };
  }
  for (const [name, value] of Object.entries(headers)) {
    if (
      !isLegal(() => {
        validateHeaderName(name);
      })
    )
      return refusal("One of the target's headers has a name that HTTP does not allow.");
    if (
      !isLegal(() => {
        validateHeaderValue(name, value);
      })
    ) {
      return refusal(`The header ${name} holds a character that HTTP does not allow, such as a line break.`);
    }
  }
  return undefined;
}

function isLegal(validate: () => void): boolean {
  try {
    validate();
    return true;
  } catch {
    return false;
  }
}

import { isIP } from 'node:net';

/** What all cookies of one login may have together, bytes: servers refuse requests with longer heads. */
export const maxCookieBytes = 8 * 1024;

/**
 * The cookies of one login. All requests of a login go to one origin, so that of a cookie's rules only three count here:
 * whose it is, whether it is removed, and its size.
 */
export interface Cookies {
  /** Takes over what an answer sets and removes. False where there is more than `maxCookieBytes`. */
  take(setCookies: readonly string[], nowMs: number): boolean;
  /** The value of the header `cookie`; empty when there is none. */
  header(): string;
}

/** @param host the origin's name or address */
export function createCookies(host: string): Cookies {
  const values = new Map<string, string>();
  const header = (): string => [...values].map(([name, value]) => `${name}=${value}`).join('; ');
  return {
    take(setCookies, nowMs) {
      for (const text of setCookies) {
        const [pair = '', ...rest] = text.split(';');
        const end = pair.indexOf('=');
        const name = pair.slice(0, Math.max(0, end)).trim();
        const attributes = new Map(rest.map(attributeOf));
        if (name === '' || !isOf(host, attributes.get('domain'))) continue;
        if (hasExpired(attributes, nowMs)) values.delete(name);
        else values.set(name, pair.slice(end + 1).trim());
        if (Buffer.byteLength(header()) > maxCookieBytes) return false;
      }
      return true;
    },
    header,
  };
}

function attributeOf(text: string): readonly [name: string, value: string] {
  const [name = '', ...value] = text.split('=');
  return [name.trim().toLowerCase(), value.join('=').trim()];
}

/** A server may set cookies of its own name and of domains above it; an address has none. */
function isOf(host: string, domain: string | undefined): boolean {
  const name = domain?.toLowerCase().replace(/^\./, '');
  if (name === undefined || name === '' || name === host) return true;
  return isIP(host) === 0 && host.endsWith(`.${name}`);
}

/** `max-age` goes before `expires`. */
function hasExpired(attributes: ReadonlyMap<string, string>, nowMs: number): boolean {
  const maxAge = attributes.get('max-age');
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return Number(maxAge) <= 0;
  return Date.parse(attributes.get('expires') ?? '') <= nowMs;
}

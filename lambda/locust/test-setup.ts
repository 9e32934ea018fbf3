import { isObject } from './report/is-object.ts';

/** What the tester asked Locust for, and of which release. What is not known, or not certain, is left out. */
export interface TestSetup {
  /** The system under test, as Locust knows it, without credentials, query and fragment. */
  readonly host?: string;
  /** How many users were asked for. */
  readonly users?: number;
  /** Users per second. */
  readonly spawnRate?: number;
  readonly runTimeSeconds?: number;
  readonly locustfile?: string;
  readonly locustVersion?: string;
}

/** Characters of a text that is kept: the host is a tag. */
const maxTextLength = 256;
/** Characters of a host as it comes. */
const maxHostLength = 2_048;

/** The same as Locust, or the companion, says it. */
interface RawSetup {
  readonly host?: unknown;
  readonly users?: unknown;
  readonly spawnRate?: unknown;
  readonly runTimeSeconds?: unknown;
  readonly locustfile?: unknown;
  readonly locustVersion?: unknown;
}

/** Takes over what is of its kind and within its limits. */
export function testSetup(raw: RawSetup): TestSetup {
  const host = typeof raw.host === 'string' ? hostUnderTest(raw.host) : undefined;
  const users = positive(raw.users);
  const spawnRate = positive(raw.spawnRate);
  const runTimeSeconds = positive(raw.runTimeSeconds);
  const locustfile = shortText(raw.locustfile);
  const locustVersion = shortText(raw.locustVersion);
  return {
    ...(host !== undefined && { host }),
    ...(users !== undefined && Number.isSafeInteger(users) && { users }),
    ...(spawnRate !== undefined && { spawnRate }),
    ...(runTimeSeconds !== undefined && { runTimeSeconds }),
    ...(locustfile !== undefined && { locustfile }),
    ...(locustVersion !== undefined && /^[\w.+-]{1,64}$/.test(locustVersion) && { locustVersion }),
  };
}

/** The set-up that a report brings along which a load test sends by itself; undefined where there is none. */
export function setupOfReport(value: unknown): TestSetup | undefined {
  if (!isObject(value)) return undefined;
  const { host, users, locustfile } = value;
  const setup = testSetup({
    host,
    users,
    locustfile,
    spawnRate: value['spawn_rate'],
    runTimeSeconds: value['run_time'],
    locustVersion: value['version'],
  });
  return Object.keys(setup).length === 0 ? undefined : setup;
}

const hostParts = /^([a-z][a-z0-9+.-]{0,20}:\/\/)?([^/?#]*)([^?#]*)/i;
/** A name or address with its port; `user:password` cut short by a `/` is none. */
const plainAuthority = /^(?:\[[0-9a-f:.%]+\]|[^\s:@[\]]*)(?::\d{1,5})?$/i;

/**
 * A host as it can be stored and shown. Credentials, a query and a fragment are taken out: they may be secret. Undefined
 * where that leaves nothing, or what may be half of a password.
 */
export function hostUnderTest(text: string): string | undefined {
  if (text.length > maxHostLength) return undefined;
  const [, scheme = '', authority = '', path = ''] = hostParts.exec(text.trim()) ?? [];
  const place = authority.slice(authority.lastIndexOf('@') + 1);
  if (place === '' || !plainAuthority.test(place) || path.includes('@')) return undefined;
  return shortText(`${scheme}${place}${path}`.replace(/(?<!\/)\/+$/, ''));
}

function shortText(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
    .trim();
  return text === '' || text.length > maxTextLength ? undefined : text;
}

function positive(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 && value <= Number.MAX_SAFE_INTEGER
    ? value
    : undefined;
}

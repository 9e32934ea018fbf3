import { isIP } from 'node:net';
import { ProblemError, problemResponse } from '../../../lambda/api/http/problem.ts';

/** What a request says of where it comes from and where it goes. */
interface RequestOrigin {
  readonly method: string;
  /** The header `Host`. */
  readonly host: string | undefined;
  /** The header `Origin`, which browsers send with everything but plain reading. */
  readonly origin: string | undefined;
}

/** Why a request is not answered. */
type HostProblem = 'unknown-host' | 'foreign-origin';

/** In lower case, without the port. Every browser and every client says `localhost` for this machine. */
const ownNames = ['localhost'];

/**
 * Keeps web pages out that a browser on this machine has open. A page can let its own name lead to this machine (DNS
 * rebinding), and so read and send as if it were the collector's own: so only addresses, which no page can have for a
 * name, and names that are known to lead here are answered. And no page of another origin may change anything.
 * @param names further names, in lower case
 */
function hostRule(names: readonly string[]): (request: RequestOrigin) => HostProblem | undefined {
  const known = new Set([...ownNames, ...names]);
  const isKnown = (host: string): boolean => {
    const name = hostName(host);
    return name !== undefined && (isIP(name) !== 0 || known.has(name));
  };
  return ({ method, host, origin }) => {
    if (host === undefined || !isKnown(host)) return 'unknown-host';
    if (origin === undefined || method === 'GET' || method === 'HEAD') return undefined;
    return isSameSite(origin, host, new Set(names)) ? undefined : 'foreign-origin';
  };
}

type Fetch = (request: Request) => Response | Promise<Response>;

const advice = {
  'unknown-host':
    'This address, localhost and the names given with --allow-host or ALLOW_HOSTS are answered. Start with --allow-host ' +
    'and the name that the request used.',
  'foreign-origin': 'A page of another origin may not change anything here. Use the page that this server serves.',
} as const satisfies Record<HostProblem, string>;

/** Answers as another function does, what the rule lets through. */
export function guardHosts(fetch: Fetch, names: readonly string[]): Fetch {
  const problemOf = hostRule(names);
  return (request) => {
    const { method, headers } = request;
    const [host, origin] = [headers.get('host') ?? undefined, headers.get('origin') ?? undefined];
    const problem = problemOf({ method, host, origin });
    return problem === undefined ? fetch(request) : problemResponse(new ProblemError(problem, advice[problem]));
  };
}

/** A proxy may call this server by another name than the browser does; both are then known. */
function isSameSite(origin: string, host: string, names: ReadonlySet<string>): boolean {
  const [, originHost] = /^https?:\/\/([^/]+)$/i.exec(origin) ?? [];
  if (originHost === undefined) return false;
  return originHost.toLowerCase() === host.toLowerCase() || names.has(hostName(originHost) ?? '');
}

/** `name:port` without the port, in lower case, an IPv6 address without its brackets; undefined for what is no host. */
function hostName(host: string): string | undefined {
  const [, bracketed, plain] = /^(?:\[([0-9a-f:.]+)\]|([^\s:/@[\]]+))(?::\d{1,5})?$/i.exec(host) ?? [];
  const name = bracketed ?? plain?.replace(/\.$/, '');
  return name === undefined || (bracketed !== undefined && isIP(name) !== 6) ? undefined : name.toLowerCase();
}

/** A host name as it is compared, or undefined for what is none: no port, no scheme, no address with brackets. */
export function requireHostName(text: string): string | undefined {
  return text.length <= 253 && /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.?)+$/i.test(text)
    ? text.toLowerCase().replace(/\.$/, '')
    : undefined;
}

import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';

/** Where every system keeps names that are not asked of a name server. */
export const systemHostsFile =
  process.platform === 'win32' ? 'C:\\Windows\\System32\\drivers\\etc\\hosts' : '/etc/hosts';

/** Files beyond this are blocklists for advertising; a target is in none. */
const maxBytes = 1024 * 1024;

/** Addresses by name, in lower case, as a hosts file has them. Empty where it cannot be read. */
export function readHostsFile(path: string): ReadonlyMap<string, readonly string[]> {
  const addresses = new Map<string, string[]>();
  for (const line of linesOf(path)) {
    const [address = '', ...names] = line.replace(/#.*$/, '').trim().split(/\s+/);
    if (isIP(address) === 0) continue;
    for (const name of names.map((each) => each.toLowerCase())) {
      addresses.set(name, [...(addresses.get(name) ?? []), address]);
    }
  }
  return addresses;
}

/** The domains that are tried behind a name, and how many dots make a name be tried alone first. */
export interface SearchRules {
  readonly domains: readonly string[];
  readonly ndots: number;
}

/** Where most systems keep them; where there is no such file, there are none. */
export const systemResolverFile = '/etc/resolv.conf';

/** As many as resolvers take. */
const maxDomains = 6;

/** Reads `search` (or `domain`) and `options ndots:` of a resolv.conf; of several lines the last counts. */
export function readSearchRules(path: string): SearchRules {
  let domains: readonly string[] = [];
  let ndots = 1;
  for (const line of linesOf(path)) {
    const [keyword, ...values] = line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/);
    if (keyword === 'search' || keyword === 'domain') domains = values.slice(0, maxDomains);
    const option = values.find((value) => /^ndots:\d+$/.test(value));
    if (keyword === 'options' && option !== undefined) ndots = Math.min(15, Number(option.slice('ndots:'.length)));
  }
  return { domains: domains.filter((domain) => domain !== '.'), ndots };
}

function linesOf(path: string): readonly string[] {
  try {
    return statSync(path).size > maxBytes ? [] : readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}

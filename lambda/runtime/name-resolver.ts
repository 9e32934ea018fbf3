import { lookup as systemLookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import pLimit from 'p-limit';
import { readHostsFile, readSearchRules, systemHostsFile, systemResolverFile } from './hosts-file.ts';

/**
 * One try of one name server. With two tries, a name whose servers never answer costs 3 s of a fetch's five, and no
 * thread.
 */
const tryMs = 1_000;
const maxTries = 2;

/** Resolves names for connections, see `createNameResolver`. */
export interface NameResolver {
  /** All addresses of a name, IPv4 first. Rejects with code ENOTFOUND, or EAI_AGAIN where no server answers. */
  readonly resolve: (name: string) => Promise<readonly LookupAddress[]>;
  /** The same for node:net. */
  readonly lookup: LookupFunction;
}

/**
 * Resolves names without libuv's threads: `getaddrinfo` holds one for up to 30 s when a name's servers never answer,
 * and with half of the threads gone every other name waits, InfluxDB's too. Like `getaddrinfo` it reads the hosts file
 * and the search domains of resolv.conf. Names that neither these nor the name servers know (mDNS, NSS plugins) are
 * asked of the system, one at a time, those that it did not know last time after all others.
 * Reads both files with the first name: it is to live as long as one window.
 */
export function createNameResolver(
  options: {
    /** Name servers, as `Resolver.setServers` takes them; default those of the system. */
    readonly servers?: readonly string[];
    readonly hostsFile?: string;
    readonly resolverFile?: string;
    readonly system?: LookupFunction;
  } = {},
): NameResolver {
  const { servers, hostsFile = systemHostsFile, resolverFile = systemResolverFile, system = systemLookup } = options;
  const underWay = new Map<string, Promise<readonly LookupAddress[]>>();
  let opened: OpenResolver | undefined;
  const resolve = (name: string): Promise<readonly LookupAddress[]> => {
    opened ??= {
      dns: openDns(servers),
      hosts: readHostsFile(hostsFile),
      search: readSearchRules(resolverFile),
      askSystem: createSystemLane(system),
    };
    const key = name.toLowerCase();
    let resolving = underWay.get(key);
    if (resolving === undefined) {
      resolving = resolveName(key, opened).finally(() => underWay.delete(key));
      underWay.set(key, resolving);
    }
    return resolving;
  };
  return {
    resolve,
    lookup: (name, { all }, callback) => {
      resolve(name).then(
        (addresses) => {
          const [first] = addresses;
          if (all === true || first === undefined) callback(null, [...addresses]);
          else callback(null, first.address, first.family);
        },
        (error: unknown) => {
          callback(error as NodeJS.ErrnoException, []);
        },
      );
    },
  };
}

interface OpenResolver {
  readonly dns: Resolver;
  readonly hosts: ReturnType<typeof readHostsFile>;
  readonly search: ReturnType<typeof readSearchRules>;
  readonly askSystem: (name: string) => Promise<readonly LookupAddress[]>;
}

function openDns(servers: readonly string[] | undefined): Resolver {
  const dns = new Resolver({ timeout: tryMs, tries: maxTries });
  if (servers !== undefined) dns.setServers(servers);
  return dns;
}

async function resolveName(name: string, { dns, hosts, search, askSystem }: OpenResolver) {
  const known = hosts.get(name) ?? (/(?:^|\.)localhost\.?$/.test(name) ? ['127.0.0.1', '::1'] : undefined);
  if (known !== undefined) return known.map(asAddress).toSorted(byFamily);
  for (const candidate of candidatesOf(name, search)) {
    const found = await askServers(candidate, dns);
    if (found.length > 0) return found;
  }
  return askSystem(name);
}

/** The names that a resolver tries for one, in its order. */
function candidatesOf(name: string, { domains, ndots }: OpenResolver['search']): readonly string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)];
  const longer = domains.map((domain) => `${name}.${domain}`);
  const dots = name.split('.').length - 1;
  return dots >= ndots ? [name, ...longer] : [...longer, name];
}

/** Empty when the servers say that there is no such name. @throws Error with code ETIMEOUT when they say nothing */
async function askServers(name: string, dns: Resolver): Promise<readonly LookupAddress[]> {
  const answers = await Promise.allSettled([dns.resolve4(name), dns.resolve6(name)]);
  const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  if (found.length > 0) return found.map(asAddress);
  const isUnknown = answers.some(({ status, reason }: { status: string; reason?: unknown }) => {
    return status === 'fulfilled' || isNotFound(reason);
  });
  if (isUnknown) return [];
  throw Object.assign(new Error(`No name server answers for ${name}`), { code: 'ETIMEOUT' });
}

function isNotFound(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOTFOUND' || code === 'ENODATA' || code === 'EBADNAME';
}

/** Asks the system, which holds a thread for each name. */
function createSystemLane(system: LookupFunction): OpenResolver['askSystem'] {
  const oneAtATime = pLimit(1);
  const failedLast = new Set<string>();
  const later = pLimit(1);
  const ask = (name: string): Promise<readonly LookupAddress[]> =>
    oneAtATime(
      () =>
        new Promise((resolve, reject) => {
          system(name, { all: true }, (error, found) => {
            if (error) {
              failedLast.add(name);
              reject(error);
              return;
            }
            failedLast.delete(name);
            resolve(typeof found === 'string' ? [asAddress(found)] : found);
          });
        }),
    );
  // Of those in the second line one at a time stands in the first, so that a name that is known waits for one of them.
  return (name) => (failedLast.has(name) ? later(() => ask(name)) : ask(name));
}

function asAddress(address: string): LookupAddress {
  return { address, family: isIP(address) };
}

function byFamily(one: LookupAddress, other: LookupAddress): number {
  return one.family - other.family;
}

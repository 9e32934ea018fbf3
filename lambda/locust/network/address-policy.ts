import { BlockList, isIP, type LookupFunction } from 'node:net';
import { carriedIpv4 } from './carried-ipv4.ts';
import { metadataBlocks } from './metadata-addresses.ts';

/** Which addresses inside a network may be collected from. Public unicast addresses always may. */
export interface AddressPolicy {
  /** 10/8, 172.16/12, 192.168/16, 100.64/10, 198.18/15, fc00::/7, fec0::/10. */
  readonly allowPrivate: boolean;
  /** 127/8 and ::1. */
  readonly allowLoopback: boolean;
}

/** A connection that the policy refuses to make. `message` is one sentence for a person. */
export class BlockedAddressError extends Error {
  override readonly name = 'BlockedAddressError';
  readonly code = 'ERR_ADDRESS_BLOCKED';

  constructor(host: string, address: string, rule: string) {
    const subject = host === address ? `The address ${address} is` : `${host} resolves to ${address}, which is`;
    super(`${subject} ${rule}, and this collector is not allowed to read from there.`);
  }
}

type Family = 'ipv4' | 'ipv6';

interface Rule {
  readonly name: string;
  readonly blocks: Readonly<Record<Family, BlockList>>;
  readonly allowedBy?: keyof AddressPolicy;
}

/** Makes a policy's verdict on addresses: undefined when allowed, else which rule refuses, as words for a person. */
export type AddressVerdict = (address: string) => string | undefined;

// The first rule that matches decides, so what no setting may open comes first.
const ruleTable: readonly (readonly [name: string, blocks: string, allowedBy?: keyof AddressPolicy])[] = [
  ['a cloud metadata address', metadataBlocks.join(' ')],
  ['an unspecified address', '0.0.0.0/8 ::/128'],
  ['a loopback address', '127.0.0.0/8 ::1/128', 'allowLoopback'],
  ['a link-local address', '169.254.0.0/16 fe80::/10'],
  ['a multicast address', '224.0.0.0/4 ff00::/8'],
  ['a broadcast address', '255.255.255.255/32'],
  // Benchmarking (198.18/15) counts as private: no registry routes it, but laboratories do use it.
  [
    'a private address',
    '10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 198.18.0.0/15 fc00::/7 fec0::/10',
    'allowPrivate',
  ],
  // Tunnels that nobody serves Locust through are refused outright, whatever IPv4 address they carry:
  // IPv4-compatible, NAT64 with a local prefix (where the carried address sits depends on the network), 6to4, Teredo.
  ['a tunnel to an IPv4 address', '::/96 64:ff9b:1::/48 2001::/32 2002::/16'],
  [
    'a reserved address',
    '192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4' +
      // The last three are all of IPv6 outside global unicast, 2000::/3.
      ' 2001::/23 2001:db8::/32 3fff::/20 ::/3 4000::/2 8000::/1',
  ],
];

/**
 * The verdict of one policy. IPv6 forms that a kernel or a NAT64 gateway turns into IPv4 (::ffff:0:0/96, 64:ff9b::/96)
 * are judged by the IPv4 address they carry; ISATAP interface ids are refused. What is no IP address is refused.
 */
export function addressVerdict(policy: AddressPolicy): AddressVerdict {
  const rules = ruleTable.map(([name, blocks, allowedBy]): Rule => {
    return { name, blocks: blockLists(blocks), ...(allowedBy && { allowedBy }) };
  });
  return (address) => {
    const bare = address.replace(/%.*$/s, ''); // A zone id says through which interface, not where to.
    const family = isIP(bare);
    if (family === 0) return 'no IP address';
    const carried = family === 6 ? carriedIpv4(bare) : undefined;
    if (carried?.by === 'isatap') return 'a tunnel to an IPv4 address';
    const judged = carried?.address ?? bare;
    const judgedFamily = familyOf(judged);
    const rule = rules.find(({ blocks }) => blocks[judgedFamily].check(judged, judgedFamily));
    return rule === undefined || (rule.allowedBy && policy[rule.allowedBy]) ? undefined : rule.name;
  };
}

/**
 * A lookup for node:net that resolves all addresses of a name, and fails with a BlockedAddressError when the verdict
 * refuses any of them. What it hands over is what the socket connects to: there is no second resolution in between.
 */
export function guardedLookup(verdict: AddressVerdict, lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found, family) => {
      if (error) {
        callback(error, []);
        return;
      }
      const addresses = typeof found === 'string' ? [{ address: found, family: family ?? isIP(found) }] : found;
      // One refused address refuses the name. Picking the others would make the outcome depend on the resolver's
      // order, and a name with one foot in a forbidden range is either a mistake or an attack.
      for (const { address } of addresses) {
        const rule = verdict(address);
        if (rule !== undefined) {
          callback(new BlockedAddressError(hostname, address, rule), []);
          return;
        }
      }
      const [first] = addresses;
      if (first === undefined) callback(Object.assign(new Error('No address'), { code: 'ENOTFOUND' }), []);
      else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

/** One list for each family: a list checks an IPv4 address against its IPv6 blocks too, where ::/3 holds them all. */
function blockLists(blocks: string): Rule['blocks'] {
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const block of blocks.split(' ')) {
    const [network = '', prefix] = block.split('/');
    const family = familyOf(network);
    lists[family].addSubnet(network, Number(prefix), family);
  }
  return lists;
}

function familyOf(address: string): Family {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}

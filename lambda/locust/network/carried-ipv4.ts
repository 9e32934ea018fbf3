/** An IPv4 address inside an IPv6 one, and what put it there. */
export interface CarriedIpv4 {
  readonly by: 'mapped' | 'nat64' | 'isatap';
  readonly address: string;
}

/**
 * The IPv4 address that an IPv6 address stands for: IPv4-mapped (::ffff:0:0/96, also the ::ffff:0:0:0/96 of RFC 2765),
 * NAT64 (64:ff9b::/96) and ISATAP (an interface id of [02]00:5efe and the address). Undefined for all others.
 * @param ipv6 a valid IPv6 address without a zone id, in any spelling.
 */
export function carriedIpv4(ipv6: string): CarriedIpv4 | undefined {
  const groups = groupsOf(ipv6);
  const [a, b, c, d, e, f, high = 0, low = 0] = groups;
  const address = [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
  const zeros = (...some: (number | undefined)[]): boolean => some.every((group) => group === 0);
  if (zeros(a, b, c, d, e) && f === 0xffff) return { by: 'mapped', address };
  if (zeros(a, b, c, d, f) && e === 0xffff) return { by: 'mapped', address };
  if (a === 0x64 && b === 0xff9b && zeros(c, d, e, f)) return { by: 'nat64', address };
  if ((e === 0 || e === 0x200) && f === 0x5efe) return { by: 'isatap', address };
  return undefined;
}

/** The eight 16-bit groups. The URL parser writes every spelling, dotted endings too, as hex with at most one `::`. */
function groupsOf(ipv6: string): number[] {
  const canonical = new URL(`http://[${ipv6}]`).hostname.slice(1, -1);
  const [head = [], tail = []] = canonical
    .split('::')
    .map((half) => (half === '' ? [] : half.split(':').map((group) => Number.parseInt(group, 16))));
  return [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => 0), ...tail];
}

import { isIP } from 'node:net';
import { addressVerdict, BlockedAddressError } from '../../locust/network/address-policy.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { ApiPorts } from '../api-ports.ts';
import { ProblemError } from '../http/problem.ts';
import type { Role } from '../http/tokens.ts';

/** A resolver that takes longer is treated as one that knows nothing; connections are judged again in any case. */
const resolveMs = 1_000;

/**
 * Refuses a URL whose host is, or now resolves to, an address that must not be collected from; one such address among
 * several is enough. A name that does not resolve passes: its connections are judged when they are made. So does any
 * name that a reporter gives, who would otherwise learn which names there are and where they lead.
 * @param url has been normalised, so that every spelling of an IPv4 address is four decimal numbers
 * @throws ProblemError 422
 */
export async function requireAllowedAddress(
  { addressPolicy, resolve, clock }: Pick<ApiPorts, 'addressPolicy' | 'resolve' | 'clock'>,
  url: string,
  role: Role,
): Promise<void> {
  const verdict = addressVerdict(addressPolicy);
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  if (role === 'reporter' && isIP(host) === 0) return;
  const addresses = isIP(host) === 0 ? await resolveInTime(host, resolve, clock) : [host];
  for (const address of addresses) {
    const rule = verdict(address);
    if (rule === undefined) continue;
    const { message } = new BlockedAddressError(host, address, rule);
    throw new ProblemError('blocked-address', message, { fields: [{ field: 'url', in: 'body', message }] });
  }
}

async function resolveInTime(name: string, resolve: ApiPorts['resolve'], clock: Clock): Promise<readonly string[]> {
  const deadline = clock.deadline(resolveMs);
  const late = new Promise<readonly string[]>((settle) => {
    deadline.addEventListener('abort', () => {
      settle([]);
    });
  });
  return Promise.race([resolve(name).catch(() => []), late]);
}

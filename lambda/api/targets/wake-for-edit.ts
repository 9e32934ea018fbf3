import { isDeepStrictEqual } from 'node:util';
import { inTime } from '../../runtime/in-time.ts';
import type { FoundTarget } from '../../targets/edit-targets.ts';
import type { Target } from '../../targets/target.ts';
import { isFetchedNow } from '../../targets/watched.ts';
import type { ApiPorts } from '../api-ports.ts';
import type { Role } from '../http/tokens.ts';
import type { ReporterRates } from '../reporters/reporter-rates.ts';

/** An edit is done once it is written: nobody waits longer than this for what follows from it. */
const wakeLimitMs = 900;

/** Who wakes the collector, and how often reporters may. */
export interface Waking {
  readonly role: Role;
  readonly rates: ReporterRates;
}

/**
 * Wakes the collector where an edit gives it something to see at once: a target that is new, resumed, renewed or asked in
 * another way. Windows that sample see edits by themselves. Never rejects: the next window reads the target anyway.
 */
export async function wakeForEdit(
  ports: ApiPorts,
  { before, target }: { readonly before: FoundTarget | undefined; readonly target: Target },
  waking: Waking,
): Promise<void> {
  if (isWorthAPoll(before, target, ports.clock.now())) await askForPoll(ports, target, waking);
}

/**
 * Wakes the collector where a report has begun a run of a target that is fetched as well: its Locust stops reporting within
 * a minute, and has to see by then whether it can be read. On one machine a window begins; an idle poll of AWS only
 * finds that out. Never rejects.
 */
export async function wakeForRun(ports: ApiPorts, target: Target, waking: Waking): Promise<void> {
  if (isFetchedNow(target, ports.clock.now())) await askForPoll(ports, target, waking);
}

async function askForPoll(ports: ApiPorts, { id }: Target, { role, rates }: Waking): Promise<void> {
  if (!rates.mayWake(role)) return;
  try {
    await inTime(ports.clock, wakeLimitMs, ports.wakeCollector());
  } catch (error) {
    ports.failed({ doing: 'asking for an idle poll', target: id, error });
  }
}

function isWorthAPoll(before: FoundTarget | undefined, target: Target, nowMs: number): boolean {
  if (!isFetchedNow(target, nowMs) || target.status?.run !== undefined) return false;
  if (before?.fits !== true || !isFetchedNow(before.target, nowMs)) return true;
  return !isDeepStrictEqual(waysToAsk(before.target), waysToAsk(target));
}

/** How a target is asked. */
function waysToAsk({ url, auth, headers, tls, secretsRef }: Target): object {
  return { url, auth, headers, tls, secretsRef };
}

import { attempt } from '../../recording/recording-context.ts';
import { inTime } from '../../runtime/in-time.ts';
import type { ReadTargets, Share } from '../../targets/read-watched.ts';
import { registryLimitMs } from '../limit-registry.ts';
import type { WindowContext } from '../window-context.ts';

const none: ReadTargets = { targets: [], invalid: [] };

/**
 * Targets that ought to be watched but were not, as those that an older version wrote. A process goes through the whole
 * table at first, and later through a page in each window, round and round: a thousand items a minute, whose cost does
 * not grow with the table. Never rejects.
 */
export async function findStrays(share: Share, context: WindowContext): Promise<ReadTargets> {
  const { clock } = context.ports;
  const found = await attempt(context, 'looking for targets that are not watched yet', () =>
    inTime(clock, registryLimitMs, goOn(share, context)),
  );
  return found ?? none;
}

/** @param strays those just adopted: they may be in the index by now, or not yet */
export function withStrays(watched: ReadTargets, strays: ReadTargets): ReadTargets {
  const known = new Set([...watched.targets, ...watched.invalid].map(({ id }) => id));
  const isNew = ({ id }: { readonly id: string }): boolean => !known.has(id);
  return {
    targets: [...watched.targets, ...strays.targets.filter(isNew)],
    invalid: [...watched.invalid, ...strays.invalid.filter(isNew)],
  };
}

async function goOn(share: Share, { ports, memory }: WindowContext): Promise<ReadTargets> {
  const round = memory.strayRound(share);
  const found = { targets: [...none.targets], invalid: [...none.invalid] };
  const startedAtMs = ports.clock.now();
  // Half of the limit: what this window does not come to, the next one does.
  const isTimeLeft = (): boolean => ports.clock.now() - startedAtMs < registryLimitMs / 2;
  do {
    const page = await ports.targets.adoptStrays(share, { after: round.after, nowMs: ports.clock.now() });
    found.targets.push(...page.targets);
    found.invalid.push(...page.invalid);
    round.after = page.after;
    round.wasOnceThrough ||= page.after === undefined;
  } while (!round.wasOnceThrough && isTimeLeft());
  return found;
}

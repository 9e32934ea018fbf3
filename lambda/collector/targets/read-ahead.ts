import { isCollected } from '../../targets/collection-rule.ts';
import type { WindowContext } from '../window-context.ts';
import type { WindowInput } from '../window-input.ts';

/**
 * A process that has not sampled this share yet reads its targets and their credentials once before its window takes
 * over: the first reads of a process take long, and meanwhile the window before goes on. What was read is read again once
 * it has ended, for it may have changed it by then.
 * @throws when the targets cannot be read, so that a window that cannot sample takes nothing over
 */
export async function readAhead(input: WindowInput, { ports, memory }: WindowContext): Promise<void> {
  if (memory.lastTargets(input) !== undefined) return;
  const { targets } = await ports.targets.readWatched(input);
  const nowMs = ports.clock.now();
  const withSecrets = targets.filter((each) => each.secretsRef !== undefined && isCollected(each, nowMs));
  // The scrape that needs them sees what failed, and tries once more.
  await Promise.allSettled(withSecrets.map((target) => ports.secretsOf(target)));
}

import type { Target } from '../../targets/target.ts';
import type { WindowContext } from '../window-context.ts';

/** All of them asked for at once are read in batches. The scrape that needs them sees what failed, and tries once more. */
export function fetchSecretsAhead(targets: readonly Target[], { ports }: WindowContext): void {
  for (const target of targets) {
    if (target.secretsRef !== undefined) void ports.secretsOf(target).catch(() => undefined);
  }
}

import { attempt } from '../../recording/recording-context.ts';
import type { Target } from '../../targets/target.ts';
import { isFetchedNow } from '../../targets/watched.ts';
import type { WindowContext } from '../window-context.ts';

/** Ten thousand targets that expire together are out of the index within hours, and no window feels it. */
const maxUnwatched = 50;

/** Takes those out of the index that no window has anything left to do with. Never rejects. */
export async function unwatchTargets(targets: readonly Target[], nowMs: number, context: WindowContext): Promise<void> {
  const idle = targets.filter((each) => each.status?.run === undefined && !isFetchedNow(each, nowMs));
  await Promise.all(
    idle
      .slice(0, maxUnwatched)
      .map((each) => attempt(context, `unwatching ${each.id}`, () => context.ports.targets.unwatch(each))),
  );
}

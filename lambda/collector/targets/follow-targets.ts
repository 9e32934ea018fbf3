import type { ReadTargets } from '../../targets/read-watched.ts';
import type { FetchedTarget } from '../../targets/target.ts';
import type { WindowContext } from '../window-context.ts';
import type { Sampling } from '../window-work.ts';
import { fetchSecretsAhead } from './fetch-secrets-ahead.ts';
import { readRunsUnderWay } from './runs-under-way.ts';
import { takeOverEdits } from './take-over-edits.ts';
import { watch } from './watched-target.ts';
import type { WatchedTarget } from './watched-target.ts';

/**
 * Makes a window follow what the table says now: edits are taken over, and new targets are watched from now on, with a
 * first scrape at once that tells whether a test runs. Never rejects.
 */
export async function followTargets(
  read: ReadTargets,
  { work, context, sample, inBackground }: Sampling,
): Promise<void> {
  const { watched, left } = work;
  const isNew = await takeOverEdits({ read, watched, left, context });
  const joined = await watchNew(isNew, context);
  watched.push(...joined);
  context.summary.targets = Math.max(context.summary.targets, watched.length);
  const idle = joined.filter(({ run }) => run === undefined);
  await Promise.all(idle.map((each) => inBackground(sample(each, undefined))));
}

async function watchNew(targets: readonly FetchedTarget[], context: WindowContext): Promise<readonly WatchedTarget[]> {
  if (targets.length === 0) return [];
  fetchSecretsAhead(targets, context);
  const records = await readRunsUnderWay(targets, context);
  const nowMs = context.ports.clock.now();
  return targets.map((target) => {
    const each = watch(target, records, nowMs);
    each.joined(nowMs);
    return each;
  });
}

import type { ScannedTargets } from '../registry/targets.ts';
import type { Target } from '../registry/target.ts';
import type { WindowInput } from './input.ts';
import { endUnwatchedRun } from './keep-records.ts';
import { watch } from './watched-target.ts';
import type { WatchedTarget } from './watched-target.ts';
import { attempt } from './window-context.ts';
import type { WindowContext } from './window-context.ts';

/**
 * Waiting for a target that does not answer is billed: where the last attempt timed out, the looks between windows
 * leave it out, and its start is seen once a minute.
 */
const isWorthALook = ({ run, stored }: WatchedTarget): boolean =>
  run !== undefined || stored?.error?.kind !== 'timeout';

/**
 * The targets of one share that are to be watched, with their runs under way. What does not fit is reported and left
 * out. The runs of targets that were switched off or have expired are ended, but not by looks.
 * @throws when the registry cannot be read
 */
export async function readTargets(
  input: WindowInput,
  { isLook, context }: { isLook: boolean; context: WindowContext },
): Promise<readonly WatchedTarget[]> {
  const { ports, summary } = context;
  const nowMs = ports.clock.now();
  const scanned: ScannedTargets = await ports.targets.scan(input);
  for (const each of scanned.unfit) ports.observer.unfit?.(each);
  const isWatched = (target: Target): boolean =>
    target.enabled && (target.expiresAt === undefined || Date.parse(target.expiresAt) > nowMs);

  const running = scanned.targets.flatMap(({ id, status }) =>
    status?.run === undefined ? [] : [{ target: id, run: status.run }],
  );
  const records =
    running.length > 0 && !isLook
      ? await attempt(context, 'reading the runs under way', () => ports.runs.read(running))
      : undefined;
  const all = scanned.targets.map((target) => watch(target, records?.get(target.id), nowMs));
  const watched = all.filter((each) => isWatched(each.target) && (!isLook || isWorthALook(each)));
  summary.targets = watched.length;
  summary.unfitTargets = scanned.unfit.length;
  if (!isLook) {
    const unwatched = all.filter(({ target, run }) => run !== undefined && !isWatched(target));
    await Promise.all(unwatched.map((each) => endUnwatchedRun(each, context)));
  }
  return watched;
}

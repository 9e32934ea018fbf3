import { isDeepStrictEqual } from 'node:util';
import { endIfRemoved, endUnwatchedRun } from '../../recording/ends/end-run.ts';
import { isCollected } from '../../targets/collection-rule.ts';
import type { ReadTargets } from '../../targets/read-watched.ts';
import { isFetched } from '../../targets/target.ts';
import type { FetchedTarget, Target } from '../../targets/target.ts';
import { isFetchedNow } from '../../targets/watched.ts';
import type { WindowContext } from '../window-context.ts';
import type { WatchedTarget } from './watched-target.ts';

/** What a window knows of the targets that it no longer watches: their last version, by id. */
export type LeftTargets = Map<string, Pick<Target, 'version' | 'createdAt'>>;

export interface Rereading {
  /** What the table holds now, perhaps a moment old. */
  readonly read: ReadTargets;
  /** Those that the window watches. Who has left is taken out. */
  readonly watched: WatchedTarget[];
  readonly left: LeftTargets;
  readonly context: WindowContext;
}

/**
 * Takes over what was changed since a window read its targets: settings count from now on, and a target that was switched
 * off, was removed or has expired is no longer sampled, and its run is ended. That of one which reports by itself from
 * now on goes on, and is no longer this window's. A target whose scrape is under way changes at the next reading. One
 * whose item is no longer valid stays as it is until the next window. Never rejects.
 * @returns those that are new
 */
export async function takeOverEdits(rereading: Rereading): Promise<readonly FetchedTarget[]> {
  const { read, watched, left, context } = rereading;
  const nowMs = context.ports.clock.now();
  const found = new Map(read.targets.map((target) => [target.id, target]));
  const invalid = new Set(read.invalid.map(({ id }) => id));
  for (const each of watched) {
    if (!invalid.has(each.target.id)) takeOver(each, found.get(each.target.id), nowMs);
  }
  const leaving = watched.filter((each) => each.isLeaving && !each.isBeingScraped);
  const goesOn = (each: WatchedTarget): boolean => reportsByItself(sameTarget(each, found.get(each.target.id)), nowMs);
  const over = leaving.filter((each) => !goesOn(each));
  await Promise.all(over.map((each) => endRunOf(each, found.get(each.target.id), context)));
  for (const each of leaving) {
    if (each.isLeaving && (each.run === undefined || goesOn(each))) takeOut(each, rereading);
  }
  const known = new Set(watched.map(({ target }) => target.id));
  return read.targets.filter(
    (target): target is FetchedTarget =>
      isFetchedNow(target, nowMs) && !known.has(target.id) && !isOlder(target, left.get(target.id)),
  );
}

const reportsByItself = (now: Target | undefined, nowMs: number): boolean =>
  now !== undefined && !isFetched(now) && isCollected(now, nowMs);

/** What a target has become; undefined where it is gone, and another may have its id. */
function sameTarget({ target }: WatchedTarget, now: Target | undefined): Target | undefined {
  return now?.createdAt === target.createdAt ? now : undefined;
}

/** The index may show what was there a moment ago. */
function isOlder(target: Target, left: Pick<Target, 'version' | 'createdAt'> | undefined): boolean {
  return target.createdAt === left?.createdAt && target.version <= left.version;
}

function takeOver(each: WatchedTarget, now: Target | undefined, nowMs: number): void {
  const { target } = each;
  const same = sameTarget(each, now);
  if (same !== undefined && same.version < target.version) return;
  if (same === undefined || !isFetchedNow(same, nowMs)) {
    each.leaves();
    return;
  }
  each.stays();
  if (!each.isBeingScraped && hasOtherSettings(target, same)) each.editedAt(same, nowMs);
}

function hasOtherSettings(before: Target, now: Target): boolean {
  return before !== now && !isDeepStrictEqual({ ...before, status: undefined }, { ...now, status: undefined });
}

/** One that the index no longer shows was usually removed; the table itself says. */
async function endRunOf(each: WatchedTarget, now: Target | undefined, context: WindowContext): Promise<void> {
  if ((each.run ?? each.stored?.run) === undefined) return;
  if (sameTarget(each, now) !== undefined) await endUnwatchedRun(each, context);
  else if (!(await endIfRemoved(each, context)) && now === undefined) each.stays();
}

function takeOut(each: WatchedTarget, { watched, left }: Rereading): void {
  const { id, version, createdAt } = each.target;
  left.set(id, { version, createdAt });
  watched.splice(watched.indexOf(each), 1);
}

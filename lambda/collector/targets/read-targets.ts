import { isCollected } from '../../targets/collection-rule.ts';
import type { ReadTargets } from '../../targets/read-watched.ts';
import { isFetched } from '../../targets/target.ts';
import type { FetchedTarget, Target } from '../../targets/target.ts';
import type { Run } from '../../runs/run.ts';
import { apartMs } from '../../runtime/clock.ts';
import { inTime } from '../../runtime/in-time.ts';
import type { LastTargets } from '../collector-memory.ts';
import { fetchSecretsAhead } from './fetch-secrets-ahead.ts';
import { findStrays, withStrays } from './find-strays.ts';
import type { WindowInput } from '../window-input.ts';
import { endSilentRun, endUnwatchedRun, isSilent } from '../../recording/ends/end-run.ts';
import { followedTarget } from '../../recording/followed-target.ts';
import type { FollowedTarget } from '../../recording/followed-target.ts';
import { registryLimitMs } from '../limit-registry.ts';
import { readRunsUnderWay } from './runs-under-way.ts';
import { unwatchTargets } from './unwatch-targets.ts';
import { watch } from './watched-target.ts';
import type { WatchedTarget } from './watched-target.ts';
import { attempt } from '../../recording/recording-context.ts';
import type { WindowContext } from '../window-context.ts';

/** While the table cannot be read, a window goes on with targets that were read so long ago at most. */
const maxRememberedMs = 10 * 60_000;
/** A table too large to be read in 0.9 s is given so many times as long as it took last. */
const scanPatience = 3;

/** Windows sample at full seconds; a run that began between them was begun by a report that Locust itself sent. */
const wasBegunByReport = ({ startedAtMs }: Run): boolean => startedAtMs % 1000 !== 0;

/**
 * Idle polls leave two kinds out, which windows scrape once a minute. Where the last scrape timed out, waiting
 * would be billed; but an edit since then may have mended that. Where Locust itself reported the start it reports the first
 * minute as well; and its run is no sign that another window is sampling already.
 */
const isWorthAnIdlePoll = ({ run, stored, target }: WatchedTarget): boolean => {
  if (run !== undefined) return !wasBegunByReport(run);
  return stored?.error?.kind !== 'timeout' || Date.parse(target.updatedAt) > Date.parse(stored.checkedAt);
};

/** The targets of a window's share. */
export interface TargetsOfWindow {
  readonly watched: WatchedTarget[];
  /** All that the table has, also those that are not watched; empty where it could not be read. */
  readonly read: readonly Target[];
}

export interface ReadingTargets {
  readonly isIdlePoll: boolean;
  readonly context: WindowContext;
  /** Takes those that an idle poll leaves out because a report has begun their run. */
  readonly leaveOut: (reported: readonly WatchedTarget[]) => void;
}

/**
 * The targets of one share that are to be watched, with their runs under way. What does not fit is reported and left
 * out. The runs of targets that were switched off or have expired are ended, and so are those of targets that report by
 * themselves and have not for five minutes; but not by idle polls.
 * A window (not an idle poll) that cannot read them goes on with those that it has read last, and says so.
 * @throws when the registry cannot be read, and was not read in the last ten minutes
 */
export async function readTargets(input: WindowInput, reading: ReadingTargets): Promise<TargetsOfWindow> {
  const { isIdlePoll, context } = reading;
  const { ports, summary, memory } = context;
  const nowMs = ports.clock.now();
  const last = memory.lastTargets(input);
  // An idle poll cannot see whether another window is sampling already, and would give its run a second name.
  const lastRead =
    !isIdlePoll && last !== undefined && apartMs(nowMs, last.readAtMs) <= maxRememberedMs ? last : undefined;
  const scanned = await scan(input, lastRead, reading);
  const isOn = (target: Target): boolean => isCollected(target, nowMs);

  const all =
    scanned === undefined ? asLastWindowLeft(lastRead) : await readRuns(scanned.targets, { last, reading, nowMs });
  const on = all.filter((each) => isOn(each.target));
  const watched = on.filter((each) => !isIdlePoll || isWorthAnIdlePoll(each));
  if (isIdlePoll) reading.leaveOut(on.filter(({ run }) => run !== undefined && wasBegunByReport(run)));
  const readMs = ports.clock.now() - nowMs;
  const read = scanned === undefined ? lastRead : { readAtMs: nowMs, readMs };
  // The window goes on writing in these objects what it learns, for the next one.
  if (!isIdlePoll && read !== undefined) memory.keepTargets(input, { ...read, watched });
  summary.targets = watched.length;
  fetchSecretsAhead(
    watched.map(({ target }) => target),
    context,
  );
  if (!isIdlePoll && scanned !== undefined) {
    const reporting = await readReportedRuns(scanned.targets, { nowMs, isOn, context });
    const namesRun = ({ run, stored }: FollowedTarget): boolean => (run ?? stored?.run) !== undefined;
    const unwatched = [...all, ...reporting].filter((each) => namesRun(each) && !isOn(each.target));
    const silent = reporting.filter(({ target }) => isOn(target));
    await Promise.all([
      ...unwatched.map((each) => endUnwatchedRun(each, context)),
      ...silent.map((each) => endSilentRun(each, context)),
      unwatchTargets(scanned.targets, nowMs, context),
    ]);
  }
  return { watched, read: scanned?.targets ?? [] };
}

/** Targets that report by themselves whose runs are to be ended. Nothing is read for those that do report. */
async function readReportedRuns(
  targets: readonly Target[],
  { nowMs, isOn, context }: { nowMs: number; isOn: (target: Target) => boolean; context: WindowContext },
): Promise<readonly FollowedTarget[]> {
  const open = targets.filter((each) => !isFetched(each) && (!isOn(each) || isSilent(each.status, nowMs)));
  const records = await readRunsUnderWay(open, context);
  // Without its record nobody knows how far a run has come: the next window ends it.
  return records === undefined ? [] : open.map((target) => followedTarget(target, records, nowMs));
}

/** Undefined when the table cannot be read in time and there is something to go on with. */
async function scan(
  input: WindowInput,
  remembered: LastTargets | undefined,
  { isIdlePoll, context }: ReadingTargets,
): Promise<ReadTargets | undefined> {
  const { ports, summary, memory } = context;
  const strays = isIdlePoll ? undefined : findStrays(input, context);
  const reading = ports.targets.readWatched(input);
  const watched =
    remembered === undefined
      ? await reading
      : await attempt(context, 'reading the targets; those read last are used', () =>
          inTime(ports.clock, Math.max(registryLimitMs, scanPatience * remembered.readMs), reading),
        );
  const scanned = watched !== undefined && strays !== undefined ? withStrays(watched, await strays) : watched;
  if (!isIdlePoll && scanned !== undefined) {
    for (const each of memory.newlyInvalid(input, scanned)) ports.observer.invalidItem?.(each);
  }
  summary.unfitTargets = scanned?.invalid.length ?? 0;
  return scanned;
}

async function readRuns(
  targets: readonly Target[],
  { last, reading, nowMs }: { last: LastTargets | undefined; reading: ReadingTargets; nowMs: number },
): Promise<readonly WatchedTarget[]> {
  const { isIdlePoll, context } = reading;
  const fetched: readonly FetchedTarget[] = targets.filter(isFetched);
  const records = await readRunsUnderWay(fetched, context);
  const before = new Map(last?.watched.map((each) => [each.target.id, each]));
  return fetched.map((target) => {
    const known = context.memory.runUnderWay(target.id);
    const watched = watch(target, newestRuns(records, known, target), nowMs);
    return isIdlePoll ? watched : withUnwrittenRun(watched, before.get(target.id));
  });
}

/**
 * The records, or what this process knows of the target's run where its record could not be read, or written lately.
 * Whoever sampled it before may still be about to.
 */
function newestRuns(
  records: ReadonlyMap<string, Run> | undefined,
  known: Run | undefined,
  { id, status }: Target,
): ReadonlyMap<string, Run> | undefined {
  if (known === undefined || known.id !== status?.run) return records;
  const record = records?.get(id);
  const isBehind = record === undefined || (record.ended === undefined && record.lastGoodAtMs < known.lastGoodAtMs);
  return isBehind ? new Map([[id, known]]) : records;
}

/** A run whose start could not be written goes on, as long as the table still says what it said before the start. */
function withUnwrittenRun(watched: WatchedTarget, before: WatchedTarget | undefined): WatchedTarget {
  const isUnwritten =
    before?.run !== undefined &&
    watched.stored?.run === undefined &&
    before.stored?.run === undefined &&
    before.stored?.checkedAt === watched.stored?.checkedAt;
  return isUnwritten ? watched.withRunOf(before) : watched;
}

/** Targets as the last window left them. */
function asLastWindowLeft(remembered: LastTargets | undefined): readonly WatchedTarget[] {
  const there = remembered?.watched.filter(({ isRemoved }) => !isRemoved) ?? [];
  return there.map((each) => each.forNextWindow());
}

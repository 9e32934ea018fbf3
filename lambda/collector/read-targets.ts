import type { ScannedTargets } from '../registry/targets.ts';
import { isFetched } from '../registry/target.ts';
import type { FetchedTarget, Target } from '../registry/target.ts';
import type { Run } from '../runs/run.ts';
import { inTime } from '../runtime/in-time.ts';
import type { LastTargets } from './collector-memory.ts';
import type { WindowInput } from './input.ts';
import { endSilentRun, endUnwatchedRun, isSilent } from '../recording/end-run.ts';
import { followedTarget } from '../recording/followed-target.ts';
import type { FollowedTarget } from '../recording/followed-target.ts';
import { registryLimitMs } from './limit-registry.ts';
import { watch } from './watched-target.ts';
import type { WatchedTarget } from './watched-target.ts';
import { attempt } from '../recording/recording-context.ts';
import type { WindowContext } from './window-context.ts';

/** While the table cannot be read, a window goes on with targets that were read so long ago at most. */
const maxRememberedMs = 10 * 60_000;
/** A table too large to be read in 0.9 s is given so many times as long as it took last. */
const scanPatience = 3;

/** Windows sample at full seconds; a run that began between them was begun by a report that Locust itself sent. */
const wasBegunByReport = ({ startedAtMs }: Run): boolean => startedAtMs % 1000 !== 0;

/**
 * Looks between windows leave two kinds out, which windows see once a minute. Where the last attempt timed out, waiting
 * would be billed. Where Locust itself reported the start it reports the first minute as well; and its run is no sign
 * that another window is sampling already.
 */
const isWorthALook = ({ run, stored }: WatchedTarget): boolean =>
  run === undefined ? stored?.error?.kind !== 'timeout' : !wasBegunByReport(run);

interface ReadingTargets {
  readonly isLook: boolean;
  readonly context: WindowContext;
}

/**
 * The targets of one share that are to be watched, with their runs under way. What does not fit is reported and left
 * out. The runs of targets that were switched off or have expired are ended, and so are those of targets that report by
 * themselves and have not for five minutes; but not by looks.
 * A window (not a look) that cannot read them goes on with those that it has read last, and says so.
 * @throws when the registry cannot be read, and was not read in the last ten minutes
 */
export async function readTargets(input: WindowInput, reading: ReadingTargets): Promise<readonly WatchedTarget[]> {
  const { isLook, context } = reading;
  const { ports, summary, memory } = context;
  const nowMs = ports.clock.now();
  const last = memory.lastTargets(input);
  // A look could not tell whether another window is sampling already, and would give its run a second name.
  const lastRead = !isLook && last !== undefined && nowMs - last.readAtMs <= maxRememberedMs ? last : undefined;
  const scanned = await scan(input, lastRead, reading);
  const isOn = (target: Target): boolean =>
    target.enabled && (target.expiresAt === undefined || Date.parse(target.expiresAt) > nowMs);

  const all = scanned === undefined ? again(lastRead) : await withRuns(scanned.targets, { last, reading, nowMs });
  const watched = all.filter((each) => isOn(each.target) && (!isLook || isWorthALook(each)));
  const readMs = ports.clock.now() - nowMs;
  const read = scanned === undefined ? lastRead : { readAtMs: nowMs, readMs };
  // The window goes on writing in these objects what it learns, for the next one.
  if (!isLook && read !== undefined) memory.keepTargets(input, { ...read, watched });
  summary.targets = watched.length;
  if (!isLook && scanned !== undefined) {
    const reporting = await openReportRuns(scanned.targets, { nowMs, isOn, context });
    const unwatched = [...all, ...reporting].filter(({ target, run }) => run !== undefined && !isOn(target));
    const silent = reporting.filter(({ target }) => isOn(target));
    await Promise.all([
      ...unwatched.map((each) => endUnwatchedRun(each, context)),
      ...silent.map((each) => endSilentRun(each, context)),
    ]);
  }
  return watched;
}

/** Targets that report by themselves whose runs are to be ended. Nothing is read for those that do report. */
async function openReportRuns(
  targets: readonly Target[],
  { nowMs, isOn, context }: { nowMs: number; isOn: (target: Target) => boolean; context: WindowContext },
): Promise<readonly FollowedTarget[]> {
  const open = targets.filter((each) => !isFetched(each) && (!isOn(each) || isSilent(each.status, nowMs)));
  const records = await runsUnderWay(open, context);
  // Without its record nobody knows how far a run has come: the next window ends it.
  return records === undefined ? [] : open.map((target) => followedTarget(target, records, nowMs));
}

/** Undefined when the table cannot be read in time and there is something to go on with. */
async function scan(
  input: WindowInput,
  remembered: LastTargets | undefined,
  { isLook, context }: ReadingTargets,
): Promise<ScannedTargets | undefined> {
  const { ports, summary } = context;
  const reading = ports.targets.scan(input);
  const scanned =
    remembered === undefined
      ? await reading
      : await attempt(context, 'reading the targets; those read last are used', () =>
          inTime(ports.clock, Math.max(registryLimitMs, scanPatience * remembered.readMs), reading),
        );
  if (!isLook) for (const each of scanned?.unfit ?? []) ports.observer.unfit?.(each);
  summary.unfitTargets = scanned?.unfit.length ?? 0;
  return scanned;
}

async function withRuns(
  targets: readonly Target[],
  { last, reading, nowMs }: { last: LastTargets | undefined; reading: ReadingTargets; nowMs: number },
): Promise<readonly WatchedTarget[]> {
  const { isLook, context } = reading;
  const fetched: readonly FetchedTarget[] = targets.filter(isFetched);
  const records = await runsUnderWay(fetched, context);
  const known = new Map(last?.watched.map((each) => [each.target.id, each]));
  return fetched.map((target) => {
    const before = known.get(target.id);
    const watched = watch(target, newestRuns(records, before, target), nowMs);
    return isLook ? watched : withUnwrittenRun(watched, before);
  });
}

/** The records of the runs that these targets are in; undefined when they cannot be read. */
async function runsUnderWay(
  targets: readonly Target[],
  context: WindowContext,
): Promise<ReadonlyMap<string, Run> | undefined> {
  const running = targets.flatMap(({ id, status }) =>
    status?.run === undefined ? [] : [{ target: id, run: status.run }],
  );
  if (running.length === 0) return new Map();
  return attempt(context, 'reading the runs under way', () => context.ports.runs.read(running));
}

/** The records, or what is remembered of the target's run where its record could not be read, or written lately. */
function newestRuns(
  records: ReadonlyMap<string, Run> | undefined,
  before: WatchedTarget | undefined,
  { id, status }: Target,
): ReadonlyMap<string, Run> | undefined {
  const run = before?.isRecordKnown === true ? before.run : undefined;
  if (run === undefined || run.id !== status?.run) return records;
  const record = records?.get(id);
  const isBehind = record === undefined || (record.ended === undefined && record.lastGoodAtMs < run.lastGoodAtMs);
  return isBehind ? new Map([[id, run]]) : records;
}

/** A run whose start could not be written goes on, as long as the table still says what it said before the start. */
function withUnwrittenRun(watched: WatchedTarget, before: WatchedTarget | undefined): WatchedTarget {
  const isUnwritten =
    before?.run !== undefined &&
    watched.stored?.run === undefined &&
    before.stored?.run === undefined &&
    before.stored?.checkedAt === watched.stored?.checkedAt;
  return isUnwritten ? { ...watched, run: before.run, isRecordKnown: before.isRecordKnown } : watched;
}

/** Targets as the last window left them. */
function again(remembered: LastTargets | undefined): readonly WatchedTarget[] {
  const there = remembered?.watched.filter(({ isGone }) => !isGone) ?? [];
  return there.map((each) => ({ ...each, isAnswering: false, sawStart: false }));
}

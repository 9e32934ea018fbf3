import pLimit from 'p-limit';
import { saveRun } from '../recording/record-step.ts';
import { urgencyOf } from '../recording/status.ts';
import { apartMs } from '../runtime/clock.ts';
import type { WatchedTarget } from './targets/watched-target.ts';
import { attempt } from '../recording/recording-context.ts';
import type { WindowContext } from './window-context.ts';

/**
 * So many statuses are brought up to date after each instant for their figures alone: with few targets the figures
 * are as live as the samples, with a thousand DynamoDB does not become the collector's main work.
 */
const maxFigureWrites = 32;
const maxSavesAtOnce = 32;

/** Brings the figures in the table up to date, those first that have waited longest. Never rejects. */
export async function refreshFigures(watched: readonly WatchedTarget[], context: WindowContext): Promise<void> {
  const stale = watched.filter(
    ({ latest, stored, isRemoved }) =>
      !isRemoved && latest !== undefined && urgencyOf(latest, stored) === 'when-there-is-room',
  );
  stale.sort((a, b) => (a.stored?.checkedAt ?? '').localeCompare(b.stored?.checkedAt ?? ''));
  await Promise.all(stale.slice(0, maxFigureWrites).map((each) => writeFigures(each, context)));
}

async function writeFigures(watched: WatchedTarget, context: WindowContext): Promise<void> {
  const { latest, stored, target } = watched;
  if (latest === undefined) return;
  const write = await attempt(context, `writing the status of ${target.id}`, () =>
    context.ports.targets.writeStatus(target.id, latest, stored?.run),
  );
  // Where another write came in between, that one is the newer.
  if (watched.stored !== stored) return;
  if (write?.result === 'written') watched.statusStored(latest);
  // The next sample writes again, and ends the run of a target that was removed.
  else if (write?.result === 'gone') watched.statusStored(undefined);
}

/** A run's picture on record is at most so far behind its samples, where there is room. */
const recordRefreshMs = 20_000;
/** So many runs are put on record after each instant: with a thousand, a tenth more than at the windows' ends alone. */
const maxRecordWrites = 16;

/** Puts runs on record that have not been for 20 s, those first that have waited longest. Never rejects. */
export async function refreshRecords(watched: readonly WatchedTarget[], context: WindowContext): Promise<void> {
  const nowMs = context.ports.clock.now();
  const due = watched.filter(
    ({ run, recordedAtMs }) => run !== undefined && apartMs(nowMs, recordedAtMs) >= recordRefreshMs,
  );
  due.sort((a, b) => a.recordedAtMs - b.recordedAtMs);
  await Promise.all(
    due.slice(0, maxRecordWrites).map(async (each) => {
      each.recorded(nowMs);
      if (each.run !== undefined) await saveRun(each, each.run, context);
    }),
  );
}

/**
 * Puts every run under way on record, as at a window's end: what the next window goes on with. Once more where a few of
 * them fail; where all do, DynamoDB is away, and there is no time. Never rejects.
 */
export async function saveRuns(watched: readonly WatchedTarget[], context: WindowContext): Promise<void> {
  const unsaved = await trySaving(watched, context);
  if (unsaved.length <= maxSavesAtOnce) await trySaving(unsaved, context);
}

/** @returns those whose runs could not be put on record */
async function trySaving(watched: readonly WatchedTarget[], context: WindowContext): Promise<readonly WatchedTarget[]> {
  const unsaved: WatchedTarget[] = [];
  // Each save has its own time limit, which must not run while it waits for the others.
  await pLimit(maxSavesAtOnce).map(watched, async (each) => {
    if (each.run === undefined) return;
    const isTried = (await saveRun(each, each.run, context)) !== undefined;
    if (!isTried) unsaved.push(each);
  });
  return unsaved;
}

import pLimit from 'p-limit';
import { toLine } from '../influx/line-protocol.ts';
import { eventPoint } from '../influx/points.ts';
import { recordStep, saveRun } from './record-step.ts';
import { urgencyOf } from './status.ts';
import type { WatchedTarget } from './watched-target.ts';
import { attempt } from './window-context.ts';
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
    ({ latest, stored, isGone }) =>
      !isGone && latest !== undefined && urgencyOf(latest, stored) === 'when-there-is-room',
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
  if (write?.result === 'written') watched.stored = latest;
  // The next sample writes again, and ends the run of a target that was removed.
  else if (write?.result === 'gone') watched.stored = undefined;
}

/** Puts every run under way on record, as at a window's end. Never rejects. */
export async function saveRuns(watched: readonly WatchedTarget[], context: WindowContext): Promise<void> {
  // Each save has its own time limit, which must not run while it waits for the others.
  await pLimit(maxSavesAtOnce).map(watched, async (each) => {
    if (each.run !== undefined && !each.isGone) await saveRun(each, each.run, context);
  });
}

/** Ends the run of a target that nobody watches any more: it was switched off, or has expired. Never rejects. */
export async function endUnwatchedRun(watched: WatchedTarget, context: WindowContext): Promise<void> {
  const { run, target, stored } = watched;
  if (run === undefined || stored === undefined) return;
  const ended = { ...run, ended: { atMs: run.lastGoodAtMs, outcome: 'lost' as const } };
  const status = { ...stored };
  delete status.run;
  const step = await recordStep({ watched, wanted: { run: undefined, ended, wasReset: false }, status }, context);
  if (step.ended === undefined) return;
  const series = { project: target.project, target: target.id, run: run.id, tags: target.tags };
  const text = `run ${run.id} lost: the target was switched off`;
  const line = toLine(eventPoint({ series, instantMs: run.lastGoodAtMs, event: 'stop', text }));
  if (line !== undefined) context.outbox.add([line]);
}

import { runOwnerOf } from '../../targets/run-owner.ts';
import type { TargetStatus } from '../../targets/target.ts';
import { lostAfterMs } from '../../runs/lost-after.ts';
import { endAsLost } from '../../runs/run.ts';
import type { Run } from '../../runs/run.ts';
import { closeRun } from './close-run.ts';
import { endLines } from './end-lines.ts';
import type { FollowedTarget } from '../followed-target.ts';
import { recordStep } from '../record-step.ts';
import { attempt } from '../recording-context.ts';
import type { RecordingContext } from '../recording-context.ts';

/**
 * Ends the run of a target that is no longer watched: it was switched off, or has expired. Where the run has ended already,
 * but its status still names it, that is put right. Never rejects.
 */
export async function endUnwatchedRun(followed: FollowedTarget, context: RecordingContext): Promise<void> {
  const { run, target, stored, latest } = followed;
  const last = stored ?? latest;
  if ((run ?? stored?.run) === undefined || last === undefined) return;
  const ended = run && endAsLost(run);
  const status = withoutRun(last);
  const step = await recordStep({ followed, wanted: { run: undefined, ended, wasReset: false }, status }, context);
  if (step.ended === undefined) return;
  const { id, ended: end } = step.ended;
  const isOurs = ended !== undefined && end?.outcome === 'lost' && end.atMs === ended.ended?.atMs;
  const text = isOurs ? `run ${id} lost: the target was switched off` : undefined;
  context.outbox.add(await endLines({ target, run: step.ended, text }, context));
  tellEnded(followed, step.ended, context);
}

/**
 * Ends the run of a target that was removed, if it was: writing its status tells. Never rejects.
 * @returns whether it was, or is another target's now
 */
export async function endIfRemoved(followed: FollowedTarget, context: RecordingContext): Promise<boolean> {
  const { run, target, stored, latest = stored } = followed;
  if (run === undefined) return true;
  if (stored === undefined || latest === undefined) return false;
  const write = await attempt(context, `writing the status of ${target.id}`, () =>
    context.ports.targets.writeStatus(target.id, latest, stored.run),
  );
  if (write === undefined) return false;
  if (write.result === 'written') {
    followed.statusStored(latest);
    return false;
  }
  if (write.result === 'conflict') {
    followed.statusStored(write.status);
    const isAnother = write.status?.run !== run.id;
    if (isAnother) followed.anotherWasFirst(undefined);
    return isAnother;
  }
  // Nothing is stored, so that the step is written, and finds that out.
  followed.statusStored(undefined);
  const step = await recordStep(
    { followed, wanted: { run, ended: undefined, wasReset: false }, status: latest },
    context,
  );
  if (step.ended !== undefined) {
    context.outbox.add(await endLines({ target, run: step.ended }, context));
    tellEnded(followed, step.ended, context);
  }
  return followed.run === undefined;
}

/** Whether a target that reports by itself is in a run, but has sent nothing for five minutes. */
export function isSilent(status: TargetStatus | undefined, nowMs: number): boolean {
  return status?.run !== undefined && nowMs - Date.parse(status.checkedAt) >= lostAfterMs;
}

/**
 * Ends the run of a target that reports by itself and is silent, as lost, at its last good sample. Where a report comes
 * at the same time, either this does nothing or the report finds the run ended. Never rejects.
 */
export async function endSilentRun(followed: FollowedTarget, context: RecordingContext): Promise<void> {
  const { run, target, stored } = followed;
  if (stored?.run === undefined) return;
  const { id } = target;
  let ended: Run | undefined;
  if (run !== undefined) {
    const { runs } = context.ports;
    ended = await attempt(context, `ending run ${run.id} of ${id}`, async () =>
      runs.replace(await closeRun(endAsLost(run), { target, report: undefined }, runs), runOwnerOf(target), run),
    );
    if (ended === undefined) return;
    context.outbox.add(await endLines({ target, run: ended }, context));
  }
  const write = await attempt(context, `writing the status of ${id}`, () =>
    context.ports.targets.writeStatus(id, withoutRun(stored), stored.run),
  );
  if (ended === undefined || write?.result !== 'written') return;
  tellEnded(followed, ended, context);
}

function tellEnded({ target, stored, latest }: FollowedTarget, ended: Run, { ports }: RecordingContext): void {
  const state = (stored ?? latest)?.state;
  ports.observer.changed?.({
    target: target.id,
    atMs: ended.lastGoodAtMs,
    stateBefore: state,
    state,
    failure: undefined,
    failedBefore: false,
    run: undefined,
    runStarted: undefined,
    runEnded: ended,
  });
}

function withoutRun(status: TargetStatus): TargetStatus {
  const rest = { ...status };
  delete rest.run;
  return rest;
}

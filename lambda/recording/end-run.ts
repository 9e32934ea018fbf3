import type { TargetStatus } from '../registry/target.ts';
import { lostAfterMs } from '../runs/run.ts';
import type { Run } from '../runs/run.ts';
import { stopLines } from './event-lines.ts';
import type { FollowedTarget } from './followed-target.ts';
import { recordStep } from './record-step.ts';
import { attempt } from './recording-context.ts';
import type { RecordingContext } from './recording-context.ts';

/** Ends the run of a target that nobody watches any more: it was switched off, or has expired. Never rejects. */
export async function endUnwatchedRun(followed: FollowedTarget, context: RecordingContext): Promise<void> {
  const { run, target, stored } = followed;
  if (run === undefined || stored === undefined) return;
  const ended = asLost(run);
  const status = withoutRun(stored);
  const step = await recordStep({ followed, wanted: { run: undefined, ended, wasReset: false }, status }, context);
  if (step.ended === undefined) return;
  context.outbox.add(stopLines(target, ended, `run ${run.id} lost: the target was switched off`));
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
  const { id, project } = target;
  if (run !== undefined) {
    const isEnded = await attempt(context, `ending run ${run.id} of ${id}`, () =>
      context.ports.runs.replace(asLost(run), { target: id, project }, run),
    );
    if (isEnded !== true) return;
    context.outbox.add(stopLines(target, asLost(run)));
  }
  const write = await attempt(context, `writing the status of ${id}`, () =>
    context.ports.targets.writeStatus(id, withoutRun(stored), stored.run),
  );
  if (run === undefined || write?.result !== 'written') return;
  context.ports.observer.changed?.({
    target: id,
    atMs: run.lastGoodAtMs,
    stateBefore: stored.state,
    state: stored.state,
    failure: undefined,
    failedBefore: false,
    run: undefined,
    runStarted: undefined,
    runEnded: asLost(run),
  });
}

const asLost = (run: Run): Run => ({ ...run, ended: { atMs: run.lastGoodAtMs, outcome: 'lost' } });

function withoutRun(status: TargetStatus): TargetStatus {
  const rest = { ...status };
  delete rest.run;
  return rest;
}

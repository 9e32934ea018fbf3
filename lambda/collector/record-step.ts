import type { TargetStatus } from '../registry/target.ts';
import type { Run, RunStep } from '../runs/run.ts';
import { urgencyOf } from './status.ts';
import { runFromId } from './watched-target.ts';
import type { WatchedTarget } from './watched-target.ts';
import { attempt } from './window-context.ts';
import type { WindowContext } from './window-context.ts';

/** A step as it stands on record: what another window has told already is left out. */
export interface RecordedStep extends RunStep {
  /** The run that this step began. */
  readonly started: Run | undefined;
}

interface WantedStep {
  readonly watched: WatchedTarget;
  readonly wanted: RunStep;
  readonly status: TargetStatus;
}

/**
 * Puts a step on record, as far as it has to be now, and takes it over into the watched target.
 * Of two windows that see the same start or end, the one whose status comes first tells of it; the other follows.
 * While DynamoDB fails, samples go on with what this window knows.
 * @returns undefined when the target was deleted
 */
export async function recordStep(step: WantedStep, context: WindowContext): Promise<RecordedStep | undefined> {
  const { watched, wanted, status } = step;
  if (wanted.ended !== undefined && !(await saveEnded(watched, wanted.ended, context))) {
    // The run stays open, and the next sample or window ends it once more.
    return { run: watched.run, ended: undefined, wasReset: false, started: undefined };
  }
  const started = wanted.run?.id === watched.run?.id ? undefined : wanted.run;
  watched.run = wanted.run;
  if (started !== undefined) watched.isRecordKnown = true;
  if (urgencyOf(status, watched.stored) !== 'now') return { ...wanted, started };

  const known = watched.stored?.run;
  const write = await attempt(context, `writing the status of ${watched.target.id}`, () =>
    context.ports.targets.writeStatus(watched.target.id, status, known),
  );
  if (write?.result === 'gone') {
    watched.isGone = true;
    watched.run = undefined;
    return undefined;
  }
  if (write?.result === 'conflict') return followOther(watched, write.status, context);
  if (write?.result === 'written') watched.stored = status;
  if (started !== undefined) await saveRun(watched, started, context);
  return { ...wanted, started };
}

/** Another window has moved this target on: its run is the one that counts. */
async function followOther(
  watched: WatchedTarget,
  stored: TargetStatus | undefined,
  context: WindowContext,
): Promise<RecordedStep> {
  const { target } = watched;
  const mine = watched.run;
  watched.stored = stored;
  if (stored?.run === undefined) watched.run = undefined;
  else if (stored.run !== mine?.id) {
    const key = { target: target.id, run: stored.run };
    const records = await attempt(context, `reading run ${key.run} of ${key.target}`, () =>
      context.ports.runs.read([key]),
    );
    watched.run = records?.get(target.id) ?? runFromId(stored.run, context.ports.clock.now());
    watched.isRecordKnown = records?.has(target.id) ?? false;
  }
  return { run: watched.run, ended: undefined, wasReset: false, started: undefined };
}

/** Puts a run's end on record. @returns false when DynamoDB failed */
async function saveEnded(watched: WatchedTarget, ended: Run, context: WindowContext): Promise<boolean> {
  const { target, isRecordKnown } = watched;
  const saved = await attempt(context, `ending run ${ended.id} of ${target.id}`, async () => {
    const record = isRecordKnown
      ? undefined
      : (await context.ports.runs.read([{ target: target.id, run: ended.id }])).get(target.id);
    const whole =
      record === undefined ? ended : { ...ended, startedAtMs: record.startedAtMs, timeline: record.timeline };
    await context.ports.runs.save(whole, { target: target.id, project: target.project });
    return true;
  });
  return saved === true;
}

/** Puts a run on record as it is now, unless that would hide what an unread record knows. */
export async function saveRun(watched: WatchedTarget, run: Run, context: WindowContext): Promise<void> {
  const { target, isRecordKnown } = watched;
  if (!isRecordKnown) return;
  await attempt(context, `saving run ${run.id} of ${target.id}`, () =>
    context.ports.runs.save(run, { target: target.id, project: target.project }),
  );
}

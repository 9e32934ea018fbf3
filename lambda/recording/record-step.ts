import type { TargetStatus } from '../registry/target.ts';
import type { Run, RunStep } from '../runs/run.ts';
import { urgencyOf } from './status.ts';
import { runFromId } from './followed-target.ts';
import type { FollowedTarget } from './followed-target.ts';
import { attempt } from './recording-context.ts';
import type { RecordingContext } from './recording-context.ts';

/** A step as it stands on record: what another window has told already is left out. */
export interface RecordedStep extends RunStep {
  /** The run that this step began. */
  readonly started: Run | undefined;
}

interface WantedStep {
  readonly followed: FollowedTarget;
  readonly wanted: RunStep;
  readonly status: TargetStatus;
}

/**
 * Puts a step on record, as far as it has to be now, and takes it over into the followed target.
 * Of two windows that see another start, or another end, the one that is on record first is right, and the other
 * follows it. While DynamoDB fails, samples go on with what this window knows.
 */
export async function recordStep(step: WantedStep, context: RecordingContext): Promise<RecordedStep> {
  const { followed, wanted, status } = step;
  const ended = wanted.ended === undefined ? undefined : await saveEnded(followed, wanted.ended, context);
  if (ended === 'failed') {
    // The run stays open, and the next sample or window ends it once more.
    return { run: followed.run, ended: undefined, wasReset: false, started: undefined };
  }
  const started = wanted.run?.id === followed.run?.id ? undefined : wanted.run;
  followed.run = wanted.run;
  if (started !== undefined) followed.isRecordKnown = true;
  const recorded = { ...wanted, ended: ended === 'on-record' ? wanted.ended : undefined, started };
  if (urgencyOf(status, followed.stored) !== 'now' && !mayHaveEnded(followed)) return recorded;

  const known = followed.stored?.run;
  const write = await attempt(context, `writing the status of ${followed.target.id}`, () =>
    context.ports.targets.writeStatus(followed.target.id, status, known),
  );
  if (write?.result === 'gone') return endGone(followed, recorded, context);
  if (write?.result === 'conflict') return followOther(followed, { recorded, stored: write.status }, context);
  if (write?.result === 'written') followed.stored = status;
  if (started !== undefined) await saveRun(followed, started, context);
  return recorded;
}

/**
 * A Locust that registered itself reports its end by itself, after which its web UI may tell of the test for 2 s more,
 * out of its cache. Figures that are older than the last ones must not come after them: whether the run goes on is
 * asked at every sample, by writing the status.
 */
function mayHaveEnded({ run, target }: FollowedTarget): boolean {
  return run !== undefined && target.owner === 'reporter' && target.source === 'fetch';
}

/** Another write came first: the run that it names is the one that counts, ours or another. */
async function followOther(
  followed: FollowedTarget,
  { recorded, stored }: { recorded: RecordedStep; stored: TargetStatus | undefined },
  context: RecordingContext,
): Promise<RecordedStep> {
  const { target } = followed;
  followed.stored = stored;
  // The same instant names the same run: another window's write, or our own that the SDK repeated.
  if (stored?.run === recorded.run?.id) return recorded;
  if (stored?.run === undefined) followed.run = undefined;
  else {
    const key = { target: target.id, run: stored.run };
    const records = await attempt(context, `reading run ${key.run} of ${key.target}`, () =>
      context.ports.runs.read([key]),
    );
    followed.run = records?.get(target.id) ?? runFromId(stored.run, Date.parse(stored.checkedAt));
    followed.isRecordKnown = records !== undefined;
  }
  return { run: followed.run, ended: recorded.ended, wasReset: false, started: undefined };
}

/** The target was removed: its run ends with its last good sample. */
async function endGone(
  followed: FollowedTarget,
  recorded: RecordedStep,
  context: RecordingContext,
): Promise<RecordedStep> {
  const { run } = followed;
  followed.isGone = true;
  followed.run = undefined;
  if (run === undefined || recorded.started !== undefined) return { ...recorded, run: undefined, started: undefined };
  const ended: Run = { ...run, ended: { atMs: run.lastGoodAtMs, outcome: 'lost' } };
  await saveEnded(followed, ended, context);
  return { run: undefined, ended, wasReset: false, started: undefined };
}

/** Puts a run's end on record; `other` when another end is there already, `failed` when DynamoDB is away. */
async function saveEnded(
  followed: FollowedTarget,
  ended: Run,
  context: RecordingContext,
): Promise<'on-record' | 'other' | 'failed'> {
  const { target, isRecordKnown } = followed;
  const { runs } = context.ports;
  const isOnRecord = await attempt(context, `ending run ${ended.id} of ${target.id}`, async () => {
    const key = { target: target.id, run: ended.id };
    const record = isRecordKnown ? undefined : (await runs.read([key])).get(target.id);
    const { startedAtMs, timeline } = record ?? ended;
    return runs.save({ ...ended, startedAtMs, timeline }, { target: target.id, project: target.project });
  });
  if (isOnRecord === undefined) return 'failed';
  return isOnRecord ? 'on-record' : 'other';
}

/** Puts a run on record as it is now, unless that would hide what an unread record knows. */
export async function saveRun(followed: FollowedTarget, run: Run, context: RecordingContext): Promise<void> {
  const { target, isRecordKnown } = followed;
  if (!isRecordKnown) return;
  await attempt(context, `saving run ${run.id} of ${target.id}`, () =>
    context.ports.runs.save(run, { target: target.id, project: target.project }),
  );
}

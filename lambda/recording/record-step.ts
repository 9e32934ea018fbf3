import type { Report } from '../locust/report/report.ts';
import { runOwnerOf } from '../targets/run-owner.ts';
import type { Target, TargetStatus } from '../targets/target.ts';
import { endAsLost } from '../runs/run.ts';
import type { Run, RunStep } from '../runs/run.ts';
import { closeRun } from './ends/close-run.ts';
import { urgencyOf } from './status.ts';
import { runFromStatus } from './followed-target.ts';
import type { FollowedTarget } from './followed-target.ts';
import { attempt } from './recording-context.ts';
import type { RecordingContext } from './recording-context.ts';

/** A step as it stands on record: what another window has put there already is left out. */
export interface RecordedStep extends RunStep {
  /** The run that this step began. */
  readonly started: Run | undefined;
  /** Another end of the run was on record already, and is the one that counts. */
  readonly isOthersEnd?: boolean;
}

interface WantedStep {
  readonly followed: FollowedTarget;
  readonly wanted: RunStep;
  readonly status: TargetStatus;
  /** Where the wanted step ends a run: what has its final figures, if anything. */
  readonly finalReport?: Report | undefined;
}

/**
 * Puts a step on record, as far as it has to be now, and takes it over into the followed target.
 * Of two windows that see another start, or another end, the one that is on record first is right, and the other
 * follows it. While DynamoDB fails, samples go on with what this window knows.
 */
export async function recordStep(step: WantedStep, context: RecordingContext): Promise<RecordedStep> {
  const { followed, wanted, status, finalReport } = step;
  const closed = { target: followed.target, report: finalReport };
  const saved = wanted.ended && (await saveEnded(wanted.ended, closed, context));
  if (saved === 'failed') {
    // The run stays open, and the next sample or window ends it once more.
    return { run: followed.run, ended: undefined, wasReset: false, started: undefined };
  }
  const started = followed.stepApplied(wanted.run);
  const isOthersEnd = saved?.ended?.atMs !== wanted.ended?.ended?.atMs;
  const recorded = { ...wanted, ended: saved ?? followed.takeEndOnRecord(), started, isOthersEnd };
  if (urgencyOf(status, followed.stored) !== 'now' && !mayHaveEnded(followed)) return recorded;

  const known = followed.stored?.run;
  const write = await attempt(context, `writing the status of ${followed.target.id}`, () =>
    context.ports.targets.writeStatus(followed.target.id, status, known),
  );
  if (write?.result === 'gone') return endRemoved(followed, recorded, context);
  if (write?.result === 'conflict') return followOther(followed, { recorded, stored: write.status }, context);
  if (write?.result === 'written') followed.statusStored(status);
  return recordStart(followed, recorded, context);
}

/**
 * Puts a run that has begun on record. Where somebody else saw it begin within the same second, and was first, the run is
 * the same, and its start is theirs.
 */
async function recordStart(
  followed: FollowedTarget,
  recorded: RecordedStep,
  context: RecordingContext,
): Promise<RecordedStep> {
  const { started } = recorded;
  if (started === undefined) return recorded;
  const saved = await saveRun(followed, started, context);
  const isTheirs = saved !== undefined && saved.startedAtMs !== started.startedAtMs;
  return isTheirs ? { ...recorded, run: followed.run, started: undefined } : recorded;
}

/**
 * A Locust that registered itself reports its end by itself, after which its web UI may show the test for 2 s more,
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
  followed.statusStored(stored);
  // The same instant names the same run: another window's write, or our own that the SDK repeated.
  if (stored?.run === recorded.run?.id) return recordStart(followed, recorded, context);
  if (stored?.run === undefined) followed.anotherWasFirst(undefined);
  else {
    const key = { target: target.id, run: stored.run };
    const records = await attempt(context, `reading run ${key.run} of ${key.target}`, () =>
      context.ports.runs.read([key]),
    );
    const run = records?.get(target.id) ?? runFromStatus(stored, stored.run, Infinity);
    followed.anotherWasFirst(run);
  }
  return { run: followed.run, ended: recorded.ended, wasReset: false, started: undefined };
}

/** The target was removed: its run ends with its last good sample. */
async function endRemoved(
  followed: FollowedTarget,
  recorded: RecordedStep,
  context: RecordingContext,
): Promise<RecordedStep> {
  const { run, target } = followed;
  followed.removed();
  if (run === undefined || recorded.started !== undefined) return { ...recorded, run: undefined, started: undefined };
  const ended = endAsLost(run);
  const saved = await saveEnded(ended, { target, report: undefined }, context);
  return { run: undefined, ended: saved === 'failed' ? ended : saved, wasReset: false, started: undefined };
}

/**
 * Puts a run's end on record. Another end that stands there already may be this one's own, from a write whose answer was
 * lost: it counts, and who finds it writes its lines, once more or for the first time.
 * @returns the run as it has ended; undefined when its record is not valid; `failed` when DynamoDB is away
 */
async function saveEnded(
  ended: Run,
  closed: { readonly target: Target; readonly report: Report | undefined },
  context: RecordingContext,
): Promise<Run | 'failed' | undefined> {
  const { runs } = context.ports;
  const { target } = closed;
  const close = async (run: Run): Promise<Run | undefined> =>
    runs.save(await closeRun(run, closed, runs), runOwnerOf(target));
  const saved = await attempt(context, `ending run ${ended.id} of ${target.id}`, async () => {
    const run = await close(ended);
    return { run: run !== undefined && hadLaterSamples(run, ended) ? await close(run) : run };
  });
  return saved === undefined ? 'failed' : saved.run;
}

/** Others had sampled it for longer, so that it has ended later, and is to be judged by other figures. */
function hadLaterSamples({ ended, lastGoodAtMs }: Run, ours: Run): boolean {
  const isAssumed = ended !== undefined && ended.outcome !== 'finished' && ended.outcome === ours.ended?.outcome;
  return isAssumed && lastGoodAtMs > ours.lastGoodAtMs;
}

/** Puts a run on record as it is now. @returns what is on record then, as far as is known */
export async function saveRun(followed: FollowedTarget, run: Run, context: RecordingContext): Promise<Run | undefined> {
  const { target } = followed;
  const saved = await attempt(context, `saving run ${run.id} of ${target.id}`, () =>
    context.ports.runs.save(run, runOwnerOf(target)),
  );
  if (saved !== undefined) followed.runSaved(saved);
  return saved;
}

import pLimit from 'p-limit';
import { attempt } from '../../recording/recording-context.ts';
import type { Run } from '../../runs/run.ts';
import type { Target } from '../../targets/target.ts';
import type { OpenClaim } from '../../windows/claims.ts';
import type { WindowContext } from '../window-context.ts';
import type { WindowWork } from '../window-work.ts';
import { countGap, countMissed, instantsOf } from './missed-instants.ts';
import type { Gap } from './missed-instants.ts';

/** So many targets are asked for a run that has ended in a gap, those first that changed last: a few seconds at most. */
const maxTargetsAsked = 200;
const maxReadsAtOnce = 16;

/** Counts what a window has claimed that was killed: its instants, and those that it had counted but not yet published. */
export async function countAbandoned(work: WindowWork, abandoned: OpenClaim, context: WindowContext): Promise<void> {
  const { gaps = [], ofOthers = [] } = abandoned;
  const all = [...gaps, ...ofOthers, abandoned].map(({ doneUntilMs, claimedUntilMs }) => {
    return { previousAtMs: doneUntilMs, untilMs: claimedUntilMs };
  });
  await countGaps(work, all, context);
  const missed = ofOthers.reduce((sum, each) => sum + each.missed, abandoned.missed);
  countMissed(context.summary, missed, true);
}

/**
 * Counts the instants of gaps as missed: of the runs that the window knows, and of those that others have ended since, by
 * a report of their Locust, by a pause, or by a change of their target. Never rejects.
 */
export async function countGaps(work: WindowWork, gaps: readonly Gap[], context: WindowContext): Promise<void> {
  for (const gap of gaps) countGap(work.watched, gap, context);
  const open = gaps.filter(({ previousAtMs, untilMs }) => previousAtMs < untilMs);
  if (open.length === 0) return;
  const ended = await findEnded(work, open, context);
  for (const { run, target } of ended) {
    const endedAtMs = endOf(run, target);
    for (const { previousAtMs, untilMs } of open) {
      const instants = instantsOf({ run, target }, { previousAtMs, untilMs: Math.min(untilMs, endedAtMs) });
      countMissed(context.summary, instants, true);
    }
  }
}

/** The runs of targets that are in none any more, as far as the window knows, but were in one during the gaps. */
async function findEnded({ read, watched }: WindowWork, gaps: readonly Gap[], context: WindowContext) {
  const firstAtMs = Math.min(...gaps.map(({ previousAtMs }) => previousAtMs));
  const lastAtMs = Math.max(...gaps.map(({ untilMs }) => untilMs));
  const known = new Set(watched.filter(({ run, endedRun }) => (run ?? endedRun) !== undefined).map(idOf));
  const changed = read
    .filter((target) => !known.has(target.id) && changedAtMs(target) >= firstAtMs)
    .toSorted((one, other) => changedAtMs(other) - changedAtMs(one));
  const found = await pLimit(maxReadsAtOnce).map(changed.slice(0, maxTargetsAsked), async (target) => {
    const run = await attempt(context, `reading the last run of ${target.id}`, () =>
      context.ports.runs.newest(target.id, lastAtMs),
    );
    return run === undefined ? [] : [{ run, target }];
  });
  return found.flat();
}

const idOf = ({ target }: { readonly target: Target }): string => target.id;

/** Whoever ends a run writes the target's status, or has changed the target. */
function changedAtMs({ status, updatedAt }: Target): number {
  return Math.max(Date.parse(updatedAt), status === undefined ? -Infinity : Date.parse(status.checkedAt));
}

/** Until when a run was to be sampled: its end, or the change of its target, which ended it at its last sample. */
function endOf({ ended, lastGoodAtMs }: Run, { updatedAt }: Target): number {
  const isSeen = ended !== undefined && ended.outcome !== 'lost';
  return isSeen ? ended.atMs : Math.max(ended?.atMs ?? lastGoodAtMs, Date.parse(updatedAt));
}

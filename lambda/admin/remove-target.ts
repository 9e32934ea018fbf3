import type { FoundTarget, VersionMark } from '../registry/edit-targets.ts';
import type { Target } from '../registry/target.ts';
import { noFigures } from '../locust/rows.ts';
import { runStartOf } from '../runs/run.ts';
import type { Run } from '../runs/run.ts';
import type { AdminPorts } from './admin-ports.ts';
import { secretsRefOf } from './commit-target.ts';
import { untilDone } from './edit-target.ts';
import type { Edit } from './edit-target.ts';
import { checkPreconditions } from './preconditions.ts';
import { ProblemError } from './problem.ts';

/**
 * Removes a target with its secrets, and ends its run as lost; what is on record of its runs stays.
 *
 * Every step is on the condition that nobody changed the item in between. A target with secrets first becomes an item
 * that says only where they are; it goes when they are gone. What breaks off in between leaves that item: it is
 * collected no more, is there for nobody, and asking again ends it. So nobody is told that a target is gone
 * whose secrets are not.
 * @throws ProblemError 404, 409, 412
 */
export async function removeTarget(ports: AdminPorts, edit: Edit): Promise<void> {
  let seen: VersionMark | undefined;
  await untilDone(ports, async () => {
    const before = await ports.edits.find(edit.id);
    if (before === undefined && seen === undefined) {
      throw new ProblemError('not-found', `There is no target ${edit.id}.`);
    }
    // Gone since, by somebody else or by a first sending whose answer got lost; what was made anew is not meant.
    if (before === undefined || (seen !== undefined && seen.createdAt !== before.mark.createdAt)) return 'done';
    // What is left of a target has no settings that somebody could want to keep.
    if (before.fits || !before.isLeftover) checkPreconditions(edit, before.mark);
    seen = before.mark;
    return removeOnce(ports, edit.id, before);
  });
}

async function removeOnce(ports: AdminPorts, id: string, before: FoundTarget): Promise<'done' | 'conflict'> {
  const ref = secretsRefOf(before);
  let { mark } = before;
  if (before.fits && ref !== undefined) {
    const stripped = await ports.edits.strip(id, mark);
    if (stripped === 'conflict') return stripped;
    await endRun(ports, stripped.was);
    mark = stripped.mark;
  }
  if (ref !== undefined) await ports.secrets.remove({ target: id, ref });
  const removed = await ports.edits.remove(id, mark);
  if (removed === 'conflict') return removed;
  await endRun(ports, removed);
  return 'done';
}

/** The target is gone, so a failure here is told and no more: the run stays open on record. */
async function endRun(ports: AdminPorts, removed: FoundTarget): Promise<void> {
  if (!removed.fits) return;
  const { id, project, status } = removed.target;
  if (status?.run === undefined) return;
  try {
    const known = (await ports.runs.read([{ target: id, run: status.run }])).get(id);
    if (known?.ended !== undefined) return;
    const run = known ?? unrecordedRun(status.run, status);
    const ended = { ...run, ended: { atMs: run.lastGoodAtMs, outcome: 'lost' as const } };
    await ports.runs.save(ended, { target: id, project });
  } catch (error) {
    ports.failed({ doing: `ending run ${status.run}`, target: id, error });
  }
}

/** A run that has no record yet: what the status tells of it. */
function unrecordedRun(id: string, status: NonNullable<Target['status']>): Run {
  const checkedAtMs = Date.parse(status.checkedAt);
  const startedAtMs = runStartOf(id);
  return {
    id,
    startedAtMs: Number.isNaN(startedAtMs) ? checkedAtMs : startedAtMs,
    lastGoodAtMs: checkedAtMs,
    lastState: status.state ?? 'running',
    total: noFigures,
    peakUsers: status.userCount ?? 0,
    timeline: [],
  };
}

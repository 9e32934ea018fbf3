import type { FoundTarget, VersionMark } from '../../targets/edit-targets.ts';
import { endAsLost } from '../../runs/run.ts';
import { unrecordedRun } from '../../runs/unrecorded-run.ts';
import { runOwnerOf } from '../../targets/run-owner.ts';
import type { ApiPorts } from '../api-ports.ts';
import { secretsRefOf } from './commit-target.ts';
import { retryOnConflict } from './edit-target.ts';
import type { Preconditions } from '../http/preconditions.ts';
import { checkPreconditions } from '../http/preconditions.ts';
import { ProblemError } from '../http/problem.ts';

/**
 * Removes a target with its secrets, and ends its run as lost; what is on record of its runs stays.
 *
 * Every step is on the condition that nobody changed the item in between. A target with secrets first becomes an item
 * that says only where they are; it goes when they are gone. A removal that breaks off in between leaves
 * that item: it is no longer collected, no request finds it, and removing it again finishes. So a target is never
 * reported as gone while its secrets are not.
 * @throws ProblemError 404, 409, 412
 */
export async function removeTarget(ports: ApiPorts, edit: Preconditions & { readonly id: string }): Promise<void> {
  let seen: VersionMark | undefined;
  await retryOnConflict(ports, async () => {
    const before = await ports.edits.find(edit.id);
    if (before === undefined && seen === undefined) {
      throw new ProblemError('not-found', `There is no target ${edit.id}.`);
    }
    // Gone since, by somebody else or by a first sending whose answer got lost; a new target under this id is not meant.
    if (before === undefined || (seen !== undefined && seen.createdAt !== before.mark.createdAt)) return 'done';
    // What is left of a target has no settings that somebody could want to keep.
    if (before.fits || !before.isBeingRemoved) checkPreconditions(edit, before.mark);
    seen = before.mark;
    return removeOnce(ports, edit.id, before);
  });
}

async function removeOnce(ports: ApiPorts, id: string, before: FoundTarget): Promise<'done' | 'conflict'> {
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

/** The target is gone, so a failure here is only logged: the run stays open on record. */
async function endRun(ports: ApiPorts, removed: FoundTarget): Promise<void> {
  if (!removed.fits) return;
  const { id, status } = removed.target;
  if (status?.run === undefined) return;
  try {
    const known = (await ports.runs.read([{ target: id, run: status.run }])).get(id);
    if (known?.ended !== undefined) return;
    const { checkedAt, state: lastState, userCount: peakUsers } = status;
    const run = known ?? unrecordedRun(status.run, { lastGoodAtMs: Date.parse(checkedAt), lastState, peakUsers });
    await ports.runs.save(endAsLost(run), runOwnerOf(removed.target));
  } catch (error) {
    ports.failed({ doing: `ending run ${status.run}`, target: id, error });
  }
}

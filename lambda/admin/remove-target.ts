import type { FoundTarget } from '../registry/edit-targets.ts';
import type { Target } from '../registry/target.ts';
import { noFigures } from '../locust/rows.ts';
import { runStartOf } from '../runs/run.ts';
import type { Run } from '../runs/run.ts';
import type { AdminPorts } from './admin-ports.ts';
import { removeSecrets, secretsRefOf } from './commit-target.ts';
import { untilDone } from './edit-target.ts';
import type { Edit } from './edit-target.ts';
import { checkPreconditions } from './preconditions.ts';
import { ProblemError } from './problem.ts';

/**
 * Removes a target with its secrets, and ends its run as lost; what is on record of its runs stays.
 * A target with secrets is switched off first, then loses them, then goes: what breaks off in between leaves a target
 * that is off, and asking again ends it. Once switched off, an edit in between does not save it.
 * @throws ProblemError 404, 409, 412
 */
export async function removeTarget(ports: AdminPorts, edit: Edit): Promise<void> {
  const removed = await untilDone(ports, async () => {
    const before = await ports.edits.find(edit.id);
    if (before === undefined) throw new ProblemError('not-found', `There is no target ${edit.id}.`);
    checkPreconditions(edit, before.mark);
    const ref = secretsRefOf(before);
    if (ref === undefined) return ports.edits.remove(edit.id, before.mark);
    if ((await ports.edits.switchOff(edit.id, before.mark)) === 'conflict') return 'conflict';
    await ports.secrets.remove({ target: edit.id, ref });
    return ports.edits.remove(edit.id);
  });
  if (removed === 'gone') return;
  await removeLateSecrets(ports, edit.id, removed);
  if (removed.fits) await endRun(ports, removed.target);
}

/** Those that an edit in between brought. */
async function removeLateSecrets(ports: AdminPorts, id: string, removed: FoundTarget): Promise<void> {
  const ref = secretsRefOf(removed);
  if (ref !== undefined) await removeSecrets(ports, id, ref);
}

/** The target is gone, so a failure here is told and no more: the run stays open on record. */
async function endRun(ports: AdminPorts, { id, project, status }: Target): Promise<void> {
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

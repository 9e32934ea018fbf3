import type { FoundTarget } from '../registry/edit-targets.ts';
import type { Target } from '../registry/target.ts';
import type { AdminPorts } from './admin-ports.ts';
import { commitTarget } from './commit-target.ts';
import { removeLeftover } from './remove-leftover.ts';
import { patchedTarget } from './patch-target.ts';
import { checkPreconditions } from './preconditions.ts';
import type { Preconditions } from './preconditions.ts';
import { ProblemError } from './problem.ts';
import { requireReporterFields } from './reporter-patch.ts';
import { requireAllowedAddress } from './require-allowed-address.ts';
import { splitSecrets } from './split-secrets.ts';
import type { TargetBody, TargetPatch } from './target-body.ts';
import type { Role } from './tokens.ts';

/** Somebody's wish to change one target. */
export interface Edit extends Preconditions {
  readonly id: string;
  readonly role: Role;
}

/** So often an edit without If-Match tries again when others were faster; in each round at least one of them gets done. */
const maxAttempts = 30;
const maxPauseMs = 40;

/**
 * Makes a target or replaces all of it.
 * @throws ProblemError 403, 409, 412, 422
 */
export async function putTarget(
  ports: AdminPorts,
  edit: Edit,
  body: TargetBody,
): Promise<{ readonly target: Target; readonly isNew: boolean }> {
  const { settings, secrets } = splitSecrets(body);
  if (body.url !== undefined) await requireAllowedAddress(ports, body.url);
  return untilDone(ports, async () => {
    const found = await ports.edits.find(edit.id);
    const leftover = found?.fits === false && found.isLeftover ? found : undefined;
    const before = leftover === undefined ? found : undefined;
    requireOwner(edit.role, before);
    checkPreconditions(edit, before?.mark);
    if (leftover !== undefined && (await removeLeftover(ports, edit.id, leftover)) === 'conflict') return 'conflict';
    const target = await commitTarget(ports, { id: edit.id, role: edit.role, before, settings, secrets });
    return target === 'conflict' ? target : { target, isNew: before === undefined };
  });
}

/**
 * Changes some of a target; a reporter may change little of those that it made.
 * @throws ProblemError 403, 404, 409, 412, 422
 */
export async function patchTarget(ports: AdminPorts, edit: Edit, patch: TargetPatch): Promise<Target> {
  if (edit.role === 'reporter') requireReporterFields(patch);
  if (typeof patch.url === 'string') await requireAllowedAddress(ports, patch.url);
  return untilDone(ports, async () => {
    const before = await findFit(ports, edit.id);
    requireOwner(edit.role, before);
    checkPreconditions(edit, before.mark);
    const patched = await patchedTarget(ports, before.target, patch);
    return commitTarget(ports, { id: edit.id, role: edit.role, before, ...patched });
  });
}

/**
 * What stands under an id, which has to be a target.
 * @throws ProblemError 404, and 409 for an item that is no target any more
 */
export async function findFit(
  ports: Pick<AdminPorts, 'edits'>,
  id: string,
): Promise<Extract<FoundTarget, { fits: true }>> {
  const found = await ports.edits.find(id);
  if (found === undefined) throw new ProblemError('not-found', `There is no target ${id}.`);
  if (found.fits) return found;
  if (found.isLeftover) {
    throw new ProblemError('not-found', `There is no target ${id}: it is being removed, and DELETE again ends that.`);
  }
  throw new ProblemError('unfit-target', `${found.problem}. Replace it with PUT, or remove it with DELETE.`);
}

/**
 * A reporter's own targets are those that a reporter made: there is one token for all reporters.
 * @throws ProblemError 403
 */
export function requireOwner(role: Role, before: FoundTarget | undefined): void {
  const isOwn = before === undefined || (before.fits && before.target.owner === 'reporter');
  if (role === 'admin' || isOwn) return;
  throw new ProblemError(
    'forbidden',
    'This target was not made with the reporter token, so a reporter may neither change it nor report for it.',
  );
}

/**
 * Tries until nobody else changed the item in between. Whoever sent If-Match is refused at the second look already.
 * @throws ProblemError 409 after 30 attempts
 */
export async function untilDone<Result>(
  { clock }: Pick<AdminPorts, 'clock'>,
  attempt: () => Promise<Result | 'conflict'>,
): Promise<Result> {
  for (let attempts = 1; attempts <= maxAttempts; attempts += 1) {
    const result = await attempt();
    if (result !== 'conflict') return result;
    // Apart from each other, those that collided do not meet again.
    await clock.sleepUntil(clock.now() + Math.random() * maxPauseMs);
  }
  const headers = { 'retry-after': '1' };
  throw new ProblemError('conflict', 'The target was changed by others at every attempt. Try again.', { headers });
}

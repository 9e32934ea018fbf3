import type { FoundTarget } from '../../targets/edit-targets.ts';
import type { Target } from '../../targets/target.ts';
import { retryLostRace } from '../../runtime/retry-lost-race.ts';
import type { ApiPorts } from '../api-ports.ts';
import { commitTarget } from './commit-target.ts';
import type { Commit } from './commit-target.ts';
import { finishRemoval } from './finish-removal.ts';
import { applyPatch } from './patch-target.ts';
import { checkPreconditions } from '../http/preconditions.ts';
import type { Preconditions } from '../http/preconditions.ts';
import { ProblemError } from '../http/problem.ts';
import { addsTarget, requireOwnPast } from '../reporters/reporter-quota.ts';
import type { ReporterQuota } from '../reporters/reporter-quota.ts';
import { requireReporterFields } from '../reporters/reporter-patch.ts';
import { requireAllowedAddress } from './require-allowed-address.ts';
import { splitSecrets } from './split-secrets.ts';
import { wakeForEdit } from './wake-for-edit.ts';
import type { Waking } from './wake-for-edit.ts';
import type { TargetBody, TargetPatch } from './target-body.ts';
import type { Role } from '../http/tokens.ts';

/** Somebody's wish to change one target. */
export interface Edit extends Preconditions, Waking {
  readonly id: string;
  readonly quota: ReporterQuota;
}

/** So often an edit without If-Match tries again when others were faster; in each round at least one of them gets done. */
const racing = { maxTries: 30, maxPauseMs: 40 };

/**
 * Makes a target or replaces all of it.
 * @throws ProblemError 403, 409, 412, 422, 429
 */
export async function putTarget(
  ports: ApiPorts,
  edit: Edit,
  body: TargetBody,
): Promise<{ readonly target: Target; readonly isNew: boolean }> {
  edit.rates.countEdit(edit.role);
  if (edit.role === 'reporter') requireNoForm(body);
  const { settings, secrets } = splitSecrets(body);
  if (body.url !== undefined) await requireAllowedAddress(ports, body.url, edit.role);
  return retryOnConflict(ports, async () => {
    const found = await ports.edits.find(edit.id);
    const unfinished = found?.fits === false && found.isBeingRemoved ? found : undefined;
    const before = unfinished === undefined ? found : undefined;
    requireOwner(edit.role, before);
    checkPreconditions(edit, before?.mark);
    if (edit.role === 'reporter' && before === undefined) await requireOwnPast(ports, edit.id);
    if (unfinished !== undefined && (await finishRemoval(ports, edit.id, unfinished)) === 'conflict') return 'conflict';
    // Once an admin has put it, no reporter may change it.
    const commit = { id: edit.id, owner: edit.role, before, settings, secrets };
    const target = await commitWithinQuota(ports, edit, commit);
    return target === 'conflict' ? target : { target, isNew: before === undefined };
  });
}

/**
 * A form is sent with POST, to any path: that would let a reporter do more at the addresses which the collector reaches
 * than read them.
 * @throws ProblemError 403
 */
function requireNoForm({ auth }: TargetBody): void {
  if (auth?.type !== 'form') return;
  const message = 'a login form needs the admin token';
  throw new ProblemError('forbidden', `auth: ${message}.`, { fields: [{ field: 'auth', in: 'body', message }] });
}

/**
 * Changes some of a target; a reporter may change little of those that it made.
 * @throws ProblemError 403, 404, 409, 412, 422, 429
 */
export async function patchTarget(ports: ApiPorts, edit: Edit, patch: TargetPatch): Promise<Target> {
  edit.rates.countEdit(edit.role);
  if (edit.role === 'reporter') requireReporterFields(patch);
  if (typeof patch.url === 'string') await requireAllowedAddress(ports, patch.url, edit.role);
  return retryOnConflict(ports, async () => {
    const before = await findFit(ports, edit.id);
    requireOwner(edit.role, before);
    checkPreconditions(edit, before.mark);
    const patched = await applyPatch(ports, before.target, patch);
    return commitWithinQuota(ports, edit, { id: edit.id, owner: before.target.owner, before, ...patched });
  });
}

/** An admin may have as many targets as there is room for. */
async function commitWithinQuota(ports: ApiPorts, edit: Edit, commit: Commit): Promise<Target | 'conflict'> {
  const { role, quota } = edit;
  const write = (): Promise<Target | 'conflict'> => commitTarget(ports, commit);
  const isCounted = role === 'reporter' && addsTarget(commit.before, ports.clock.now());
  const target = isCounted ? await quota.take(commit.before === undefined, write) : await write();
  if (target !== 'conflict') await wakeForEdit(ports, { before: commit.before, target }, edit);
  return target;
}

/**
 * What stands under an id, which has to be a target.
 * @throws ProblemError 404, and 409 for an item that is no valid target
 */
export async function findFit(
  ports: Pick<ApiPorts, 'edits'>,
  id: string,
): Promise<Extract<FoundTarget, { fits: true }>> {
  const found = await ports.edits.find(id);
  if (found === undefined) throw new ProblemError('not-found', `There is no target ${id}.`);
  if (found.fits) return found;
  if (found.isBeingRemoved) {
    throw new ProblemError(
      'not-found',
      `There is no target ${id}: it is being removed. Send DELETE again to finish that.`,
    );
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
    'This target was not made with the reporter token, so a reporter may not see it, change it or report for it.',
  );
}

/**
 * Tries until nobody else changed the item in between. An edit with If-Match is refused at the second try already.
 * @throws ProblemError 409 after 30 tries
 */
export async function retryOnConflict<Result>(
  { clock }: Pick<ApiPorts, 'clock'>,
  tryOnce: () => Promise<Result | 'conflict'>,
): Promise<Result> {
  const result = await retryLostRace({ clock, ...racing }, tryOnce);
  if (result !== undefined) return result;
  const headers = { 'retry-after': '1' };
  throw new ProblemError('conflict', 'The target was changed by others at every attempt. Try again.', { headers });
}

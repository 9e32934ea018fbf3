import { randomUUID } from 'node:crypto';
import { nextVersion } from '../../targets/edit-targets.ts';
import type { FoundTarget } from '../../targets/edit-targets.ts';
import type { Target } from '../../targets/target.ts';
import type { TargetSecrets } from '../../runtime/secrets.ts';
import type { ApiPorts } from '../api-ports.ts';
import type { SplitBody } from './split-secrets.ts';

/** One attempt to put a target where `before` stands. */
export interface Commit {
  readonly id: string;
  readonly before: FoundTarget | undefined;
  readonly settings: SplitBody['settings'];
  /** `keep` leaves those that are there; undefined removes them. */
  readonly secrets: TargetSecrets | 'keep' | undefined;
  /** Whose token may change it from now on. */
  readonly owner: Target['owner'];
}

/**
 * Puts a target with its secrets.
 *
 * The order keeps every moment safe: new secrets first, under a reference that nobody knows yet; then the item, which
 * names them, on the condition that nobody changed it; then the old secrets go. A reader of the item in between gets
 * the secrets that belong to its URL, and no others. What breaks off in the middle leaves at most an encrypted
 * parameter that nothing refers to.
 */
export async function commitTarget(ports: ApiPorts, commit: Commit): Promise<Target | 'conflict'> {
  const { id, before, settings, secrets, owner } = commit;
  const oldRef = before && secretsRefOf(before);
  const newRef = secrets === undefined || secrets === 'keep' ? undefined : randomUUID();
  const secretsRef = secrets === 'keep' ? oldRef : newRef;
  if (newRef !== undefined && typeof secrets === 'object')
    await ports.secrets.create({ target: id, ref: newRef }, secrets);
  const now = new Date(ports.clock.now()).toISOString();
  const record = {
    ...settings,
    id,
    secretsRef,
    owner,
    createdAt: before?.fits === true ? before.target.createdAt : now,
    updatedAt: now,
    version: nextVersion(before?.mark),
  };
  const written = await ports.edits.write(record, before?.mark);
  if (written === 'conflict') return newRef === undefined ? 'conflict' : settleConflict(ports, id, newRef);
  if (oldRef !== undefined && oldRef !== secretsRef) await removeSecrets(ports, id, oldRef);
  return written;
}

/** A refusal may come from the second sending of a write whose first answer got lost: then the item names our secrets. */
async function settleConflict(ports: ApiPorts, id: string, newRef: string): Promise<Target | 'conflict'> {
  const found = await ports.edits.find(id);
  if (found?.fits === true && found.target.secretsRef === newRef) return found.target;
  await removeSecrets(ports, id, newRef);
  return 'conflict';
}

/** Under which reference an item, fit or not, has secrets. */
export function secretsRefOf(found: FoundTarget): string | undefined {
  return found.fits ? found.target.secretsRef : found.secretsRef;
}

/** Removes secrets that no item names now. Never rejects: nothing can read them, and the edit itself is done. */
async function removeSecrets(ports: ApiPorts, target: string, ref: string): Promise<void> {
  try {
    await ports.secrets.remove({ target, ref });
  } catch (error) {
    ports.failed({ doing: `removing secrets that are no longer used (${ref})`, target, error });
  }
}

import type { FoundTarget } from '../../targets/edit-targets.ts';
import type { ApiPorts } from '../api-ports.ts';

/**
 * Ends a removal that broke off: the secrets first, then the item that says where they are. Rejects when either store
 * does; what is left then is the same as before.
 */
export async function finishRemoval(
  { edits, secrets }: Pick<ApiPorts, 'edits' | 'secrets'>,
  id: string,
  { mark, secretsRef: ref }: Extract<FoundTarget, { fits: false }>,
): Promise<'done' | 'conflict'> {
  if (ref !== undefined) await secrets.remove({ target: id, ref });
  return (await edits.remove(id, mark)) === 'conflict' ? 'conflict' : 'done';
}

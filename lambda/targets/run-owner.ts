import type { RunOwner } from '../runs/records/stored-run.ts';
import type { Target } from './target.ts';

/** What a run's record says of its target. */
export function runOwnerOf({ id, project, owner }: Pick<Target, 'id' | 'project' | 'owner'>): RunOwner {
  return { target: id, project, owner };
}

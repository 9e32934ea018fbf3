import type { VersionMark } from '../registry/edit-targets.ts';
import { ProblemError } from './problem.ts';

/** The conditions of a request, as its headers say them. */
export interface Preconditions {
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

/** The strong entity tag of one version of a target: of its settings, not of its status. */
export function entityTag({ version, createdAt }: Pick<VersionMark, 'version' | 'createdAt'>): string {
  // The version alone would come again when a target is made anew under its old id.
  const madeAt = createdAt === undefined ? 0 : Date.parse(createdAt);
  return `"${version ?? 0}-${(Number.isNaN(madeAt) ? 0 : madeAt).toString(36)}"`;
}

/** @throws ProblemError 412 when what is stored (undefined: nothing) is not what the request wants to find */
export function checkPreconditions({ ifMatch, ifNoneMatch }: Preconditions, stored: VersionMark | undefined): void {
  const tag = stored && entityTag(stored);
  if (ifMatch !== undefined && !names(ifMatch, tag)) {
    const detail =
      tag === undefined
        ? 'If-Match names a target that is not there.'
        : 'The target has changed since: read it again, and send If-Match with its present ETag.';
    throw new ProblemError('precondition-failed', detail);
  }
  if (ifNoneMatch !== undefined && names(ifNoneMatch.replace(/(^|,\s*)W\//g, '$1'), tag)) {
    throw new ProblemError('precondition-failed', 'There is such a target already, and If-None-Match forbids it.');
  }
}

/** Whether a list of entity tags, or `*`, names this one. A weak tag never matches. */
function names(header: string, tag: string | undefined): boolean {
  if (tag === undefined) return false;
  return header.trim() === '*' || header.split(',').some((each) => each.trim() === tag);
}

import type { VersionMark } from '../../targets/edit-targets.ts';
import { ProblemError } from './problem.ts';

/** The conditions of a request, as its headers say them. */
export interface Preconditions {
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

/** The strong entity tag of one version of a target: of its settings, not of its status. */
export function entityTag({ version, createdAt }: Pick<VersionMark, 'version' | 'createdAt'>): string {
  // The version alone would come again when a new target is made under an old id.
  const createdAtMs = createdAt === undefined ? 0 : Date.parse(createdAt);
  return `"${version ?? 0}-${(Number.isNaN(createdAtMs) ? 0 : createdAtMs).toString(36)}"`;
}

/** @throws ProblemError 412 when what is stored (undefined: nothing) is not what the request wants to find */
export function checkPreconditions({ ifMatch, ifNoneMatch }: Preconditions, stored: VersionMark | undefined): void {
  const tag = stored && entityTag(stored);
  if (ifMatch !== undefined && !matches(ifMatch, tag)) {
    const detail =
      tag === undefined
        ? 'If-Match names a target that is not there.'
        : 'The target has changed since: read it again, and send If-Match with its present ETag.';
    throw new ProblemError('precondition-failed', detail);
  }
  if (ifNoneMatch !== undefined && matches(ifNoneMatch.replace(/(^|,\s*)W\//g, '$1'), tag)) {
    throw new ProblemError(
      'precondition-failed',
      'A target with this id exists already, and If-None-Match says that none may.',
    );
  }
}

/** Whether a list of entity tags, or `*`, names this one. A weak tag never matches. */
function matches(header: string, tag: string | undefined): boolean {
  if (tag === undefined) return false;
  return header.trim() === '*' || header.split(',').some((each) => each.trim() === tag);
}

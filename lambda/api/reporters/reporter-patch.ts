import { ProblemError } from '../http/problem.ts';
import type { FieldProblem } from '../http/problem.ts';
import type { TargetPatch } from '../targets/target-body.ts';

const allowed = 'a reporter may patch expiresAt, to an instant, and enabled, to false; all else needs the admin token';

/**
 * Refuses what a reporter's patch must not change. It renews a target and switches it off; were it able to do more, a
 * renewal could undo what a person has changed since: a pause above all.
 * @throws ProblemError 403, with every such field
 */
export function requireReporterFields(patch: TargetPatch): void {
  const { expiresAt, enabled, ...others } = patch;
  const refused = Object.entries(others).flatMap(([field, value]) => (value === undefined ? [] : [field]));
  // null stands for the default: collected from, and for ever.
  if (expiresAt === null) refused.push('expiresAt');
  if (enabled !== undefined && enabled !== false) refused.push('enabled');
  if (refused.length === 0) return;
  const fields: FieldProblem[] = refused.map((field) => ({ field, in: 'body', message: allowed }));
  throw new ProblemError('forbidden', `${refused.join(', ')}: ${allowed}.`, { fields });
}

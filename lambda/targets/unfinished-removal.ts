import type * as z from 'zod';
import { problemsOf, storedFields } from './target.ts';

/** `createdAt` and `version` stay, to distinguish what is left from a new target under the same id. */
const keptNames = new Set(['id', 'createdAt', 'version', 'secretsRef']);

/** The attributes that an item loses when its target is removed while its secrets still have to be. */
export const strippedNames: readonly string[] = Object.keys(storedFields.shape).filter((name) => !keptNames.has(name));

/** Whether an item is what is left of a target whose removal is under way or broke off: it says where secrets are. */
export function isBeingRemoved(item: Readonly<Record<string, unknown>>): boolean {
  // A window that was under way may have written one more status.
  const isStripped = strippedNames.every((name) => name === 'status' || item[name] === undefined);
  return isStripped && typeof item['secretsRef'] === 'string';
}

/** An item may have a hundred thousand things wrong; nobody reads more than the first. */
const maxProblemLength = 1_000;

/** Why an item is no valid target, for a person. @param error what the schema said of it */
export function invalidItemProblem(item: Readonly<Record<string, unknown>>, error: z.ZodError): string {
  if (isBeingRemoved(item))
    return 'it is being removed, but its credentials are not gone yet; remove it again to finish';
  const problems = problemsOf(error);
  return problems.length <= maxProblemLength ? problems : `${problems.slice(0, maxProblemLength).toWellFormed()} …`;
}

import type * as z from 'zod';
import { problemsOf, storedTarget } from './target.ts';

/** `createdAt` and `version` stay, to tell what is left from a target that is made anew. */
const keptNames = new Set(['id', 'createdAt', 'version', 'secretsRef']);

/** The attributes that an item loses when its target is removed while its secrets still have to be. */
export const strippedNames: readonly string[] = Object.keys(storedTarget.shape).filter((name) => !keptNames.has(name));

/** Whether an item is what is left of a target whose removal is under way or broke off: it says where secrets are. */
export function isLeftover(item: Readonly<Record<string, unknown>>): boolean {
  // A window that was under way may have written one more status.
  const isStripped = strippedNames.every((name) => name === 'status' || item[name] === undefined);
  return isStripped && typeof item['secretsRef'] === 'string';
}

/** Why an item is no target (any more), for a person. @param error what the schema said of it */
export function unfitProblem(item: Readonly<Record<string, unknown>>, error: z.ZodError): string {
  return isLeftover(item)
    ? 'it is being removed, but its credentials are not gone yet; removing it again ends that'
    : problemsOf(error);
}

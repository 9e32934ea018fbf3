import { isCollected } from './collection-rule.ts';
import { isFetched } from './target.ts';
import type { FetchedTarget, Target } from './target.ts';

/** A target that registered itself can be seen so long after it has expired; its runs stay on record. */
const keptAfterExpiryMs = 7 * 24 * 3_600_000;

/** Whether the collector asks a target for samples now. */
export function isFetchedNow(target: Target, nowMs: number): target is FetchedTarget {
  return isFetched(target) && isCollected(target, nowMs);
}

/**
 * Whether the item belongs into the index as soon as it is written. One that is not read stays where it is: a window
 * ends its run first, where it is in one, and only then takes it out.
 */
export function isToBeWatched({ source, enabled }: Pick<Target, 'source' | 'enabled'>): boolean {
  return source === 'fetch' && enabled;
}

/**
 * When DynamoDB may remove an item by itself, in seconds since 1970; undefined: never. What people made stays, and so
 * does what has credentials: the item says where they are, and they have to be removed before it.
 */
export function removeAtOf(item: Readonly<Record<string, unknown>>): number | undefined {
  const { owner, expiresAt, secretsRef } = item;
  if (owner !== 'reporter' || typeof expiresAt !== 'string' || secretsRef !== undefined) return undefined;
  const expiresAtMs = Date.parse(expiresAt);
  return Number.isNaN(expiresAtMs) ? undefined : Math.ceil((expiresAtMs + keptAfterExpiryMs) / 1000);
}

// Without imports: the page's bundle holds this file too, so that page and collector never disagree.

/** Whether anything is collected from a target, and if not, why: somebody switched it off, or its time is over. */
export type Collection = 'on' | 'off' | 'expired';

/** What the rule needs of a target. */
interface Collectable {
  readonly enabled: boolean;
  /** ISO 8601; undefined: never. */
  readonly expiresAt?: string | undefined;
}

/** The one rule for who is collected from, fetched and reporting targets alike. It expires at the very instant. */
export function collectionOf(target: Collectable, nowMs: number): Collection {
  if (!target.enabled) return 'off';
  return hasExpired(target, nowMs) ? 'expired' : 'on';
}

/** Whether a target's time is over, be it switched on or off. */
export function hasExpired({ expiresAt = '' }: Pick<Collectable, 'expiresAt'>, nowMs: number): boolean {
  // NaN without one, which is below nothing.
  return Date.parse(expiresAt) <= nowMs;
}

/** Whether samples of a target are taken now, be they fetched or reported. */
export function isCollected(target: Collectable, nowMs: number): boolean {
  return collectionOf(target, nowMs) === 'on';
}

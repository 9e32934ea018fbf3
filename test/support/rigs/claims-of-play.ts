import type { Claim, Claims } from '../../../lambda/windows/claims.ts';

/** What becomes of the so-manieth write of a claim, so many ms after the first instant. */
export type ClaimWrite = (index: number, atMs: number) => 'throttled' | 'late' | undefined;

/** Counts the requests that windows make. */
export function counting(claims: Claims, requests: { reads: number; writes: number }): Claims {
  return {
    read(share) {
      requests.reads += 1;
      return claims.read(share);
    },
    readOthers(shards) {
      requests.reads += 1;
      return claims.readOthers(shards);
    },
    replace(...write) {
      requests.writes += 1;
      return claims.replace(...write);
    },
  };
}

/** The table, some of whose writes are not done, or are done but not answered. */
export function failing(
  claims: Claims,
  claimWrite: ClaimWrite = () => undefined,
  nowMs: () => number = () => 0,
): Claims {
  let writes = 0;
  return {
    ...claims,
    async replace(...write) {
      const fate = claimWrite((writes += 1), nowMs());
      if (fate === 'throttled') throw new Error('throttled');
      const written = await claims.replace(...write);
      if (fate === 'late') throw new Error('no answer within 900 ms');
      return written;
    },
  };
}

/**
 * The real table, but what nobody has written since is read from memory: a window that waits for the next one reads four
 * times a second, and each read of the table costs the test some ms.
 */
export function rememberReads(claims: Claims): Claims {
  const known = new Map<string, Promise<Claim | undefined>>();
  return {
    read(share) {
      const key = `${share.shard} of ${share.shards}`;
      const claim = known.get(key) ?? claims.read(share);
      known.set(key, claim);
      return claim;
    },
    readOthers: (shards) => claims.readOthers(shards),
    async replace(...write) {
      known.clear();
      try {
        return await claims.replace(...write);
      } finally {
        known.clear();
      }
    },
  };
}

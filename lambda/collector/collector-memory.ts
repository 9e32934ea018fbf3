import { createBreaker } from '../influx/breaker.ts';
import type { Breaker } from '../influx/breaker.ts';
import type { Share } from '../registry/targets.ts';
import type { WatchedTarget } from './watched-target.ts';

/** The targets of one share as a window knew them last. */
export interface LastTargets {
  /** When the table was read, ms. */
  readonly readAtMs: number;
  /** How long that took, ms. */
  readonly readMs: number;
  readonly watched: readonly WatchedTarget[];
}

/**
 * What a collector remembers from one window to the next, as long as its process lives. All of it may be lost at any
 * time: it saves attempts and bridges a table that does not answer, and nothing that was promised rests on it.
 */
export interface CollectorMemory {
  readonly breaker: Breaker;
  /** What no stored point has told yet: where lines are lost, the window's own point is as a rule, too. */
  readonly untold: { pointsLost: number };
  lastTargets(share: Share): LastTargets | undefined;
  keepTargets(share: Share, targets: LastTargets): void;
}

export function createMemory(): CollectorMemory {
  const byShare = new Map<string, LastTargets>();
  const nameOf = ({ shard, shards }: Share): string => `${shard} of ${shards}`;
  return {
    breaker: createBreaker(),
    untold: { pointsLost: 0 },
    lastTargets: (share) => byShare.get(nameOf(share)),
    keepTargets: (share, targets) => byShare.set(nameOf(share), targets),
  };
}

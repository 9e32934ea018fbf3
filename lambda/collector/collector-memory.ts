import { createBreaker } from '../influx/delivery/breaker.ts';
import type { Breaker } from '../influx/delivery/breaker.ts';
import type { Run } from '../runs/run.ts';
import type { InvalidItem, ReadTargets, Share } from '../targets/read-watched.ts';
import type { WatchedTarget } from './targets/watched-target.ts';

/** The targets of one share as a window knew them last. */
export interface LastTargets {
  /** When the table was read, ms. */
  readonly readAtMs: number;
  /** How long that took, ms. */
  readonly readMs: number;
  readonly watched: readonly WatchedTarget[];
}

/** How far a process has come in looking through the table of one share. */
export interface StrayRound {
  /** The id after which to go on; undefined: from the beginning. */
  after: string | undefined;
  wasOnceThrough: boolean;
}

/**
 * What a collector remembers from one window to the next, as long as its process lives. All of it may be lost at any
 * time: it saves attempts and bridges a table that does not answer, and nothing that was promised rests on it.
 */
export interface CollectorMemory {
  readonly breaker: Breaker;
  /** What no stored point says yet: when lines are lost, the window's own point is usually lost with them. */
  readonly untold: { pointsLost: number };
  lastTargets(share: Share): LastTargets | undefined;
  keepTargets(share: Share, targets: LastTargets): void;
  /** The run of a target that was under way after its last scrape in this process, by a window or an idle poll. */
  runUnderWay(target: string): Run | undefined;
  /** @param run undefined: it is in none */
  keepRun(target: string, run: Run | undefined): void;
  /** The window writes in it how far it has come. */
  strayRound(share: Share): StrayRound;
  /** Of the invalid items of one share those that are not known yet, or with another problem: each is reported once. */
  newlyInvalid(share: Share, read: ReadTargets): readonly InvalidItem[];
}

/** Beyond it all of them are reported again. */
const maxKnownProblems = 1_000;

export function createMemory(): CollectorMemory {
  const byShare = new Map<string, LastTargets>();
  const rounds = new Map<string, StrayRound>();
  const problems = new Map<string, Map<string, string>>();
  const runs = new Map<string, Run>();
  const nameOf = ({ shard, shards }: Share): string => `${shard} of ${shards}`;
  return {
    breaker: createBreaker(),
    untold: { pointsLost: 0 },
    lastTargets: (share) => byShare.get(nameOf(share)),
    keepTargets: (share, targets) => byShare.set(nameOf(share), targets),
    runUnderWay: (target) => runs.get(target),
    keepRun(target, run) {
      if (run === undefined) runs.delete(target);
      else runs.set(target, run);
    },
    strayRound(share) {
      const round = rounds.get(nameOf(share)) ?? { after: undefined, wasOnceThrough: false };
      rounds.set(nameOf(share), round);
      return round;
    },
    newlyInvalid(share, { targets, invalid }) {
      const name = nameOf(share);
      let known = problems.get(name);
      if (known === undefined || known.size > maxKnownProblems) problems.set(name, (known = new Map<string, string>()));
      for (const { id } of targets) known.delete(id);
      const isNew = invalid.filter(({ id, problem }) => known.get(id) !== problem);
      for (const { id, problem } of isNew) known.set(id, problem);
      return isNew;
    },
  };
}

import type { Target } from '../targets/target.ts';
import type { LeftTargets } from './targets/take-over-edits.ts';
import type { WatchedTarget } from './targets/watched-target.ts';
import type { WindowContext } from './window-context.ts';
import type { Span } from './window-span.ts';

/** What one window is to sample. */
export interface WindowWork {
  /** Who is watched now: targets come and go while the window lasts. */
  readonly watched: WatchedTarget[];
  readonly span: Span;
  /** The targets as the table had them when the window began, also those that are not watched. */
  readonly read: readonly Target[];
  /** When the window began, ms. */
  readonly beganAtMs: number;
  /** A start is seen within so many seconds; 60 turns idle polls between windows off. */
  readonly idleSeconds: number;
  /** An idle poll does not ask for more: the window before it has. */
  readonly isIdlePoll: boolean;
  readonly shard: number;
  readonly shards: number;
  /** The targets that it no longer watches. */
  readonly left: LeftTargets;
}

/** Scrapes a target. @param instantMs undefined for an idle poll between two instants */
export type Sampler = (watched: WatchedTarget, instantMs: number | undefined) => Promise<void>;

/** The sampling of one window, for its parts. */
export interface Sampling {
  readonly work: WindowWork;
  readonly context: WindowContext;
  readonly sample: Sampler;
  /** The window does not end before it has. */
  readonly inBackground: (task: Promise<void>) => Promise<void>;
}

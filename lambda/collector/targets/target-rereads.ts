import { attempt } from '../../recording/recording-context.ts';
import { inTime } from '../../runtime/in-time.ts';
import type { ReadTargets, Share } from '../../targets/read-watched.ts';
import { registryLimitMs } from '../limit-registry.ts';
import type { WindowContext } from '../window-context.ts';

/** Shortly before an instant, so that it obeys what was changed until then; a reading takes some 20 ms. */
const leadMs = 400;
/** Between instants that are further apart, so that a new target is seen soon. */
const pauseMs = 2_000;
/** Instants may be a second apart, where some targets are sampled every 2 s and others every 5 s. */
const shortestPauseMs = 1_000;
/** Reading a thousand targets takes 0.1 s, some of it CPU: it gets a twentieth of the time, and not more. */
const shareOfTime = 20;
/** After a failure, DynamoDB is given ten seconds. */
const failureCountsMs = 500;

/** When the targets are read again while they are sampled. */
export class TargetRereads {
  readonly #context: WindowContext;
  readonly #share: Share;
  #lastAtMs: number;
  #tookMs = 0;
  #underWay: Promise<void> | undefined;

  /** @param lastAtMs when the window read them itself, ms */
  constructor(parts: { readonly context: WindowContext; readonly share: Share; readonly lastAtMs: number }) {
    this.#context = parts.context;
    this.#share = parts.share;
    this.#lastAtMs = parts.lastAtMs;
  }

  /** The reading that is under way, until all that follows from it is done. */
  get underWay(): Promise<void> | undefined {
    return this.#underWay;
  }

  /** When to read next, ms, with the next instant in view; Infinity while a reading is under way. */
  nextAtMs(instantMs: number): number {
    if (this.#underWay !== undefined) return Infinity;
    const earliestAtMs = this.#lastAtMs + Math.max(shortestPauseMs, shareOfTime * this.#tookMs);
    const betweenAtMs = Math.max(earliestAtMs, this.#lastAtMs + pauseMs);
    const beforeInstantAtMs = instantMs - leadMs;
    return betweenAtMs <= beforeInstantAtMs - shortestPauseMs ? betweenAtMs : Math.max(earliestAtMs, beforeInstantAtMs);
  }

  /** Begins a reading. @param takeOver what is to be done with it; must not reject */
  begin(takeOver: (read: ReadTargets) => Promise<void>): Promise<void> {
    this.#lastAtMs = this.#context.ports.clock.now();
    this.#underWay = this.#read(takeOver).finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  async #read(takeOver: (read: ReadTargets) => Promise<void>): Promise<void> {
    const { ports, memory } = this.#context;
    const { clock, targets } = ports;
    const limitMs = Math.max(registryLimitMs, 2 * (memory.lastTargets(this.#share)?.readMs ?? 0));
    const read = await attempt(this.#context, 'reading the targets again', () =>
      inTime(clock, limitMs, targets.readWatched(this.#share)),
    );
    this.#tookMs = Math.max(clock.now() - this.#lastAtMs, read === undefined ? failureCountsMs : 0);
    if (read !== undefined) await takeOver(read);
  }
}

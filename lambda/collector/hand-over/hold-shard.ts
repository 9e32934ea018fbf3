import { randomUUID } from 'node:crypto';
import { attempt } from '../../recording/recording-context.ts';
import type { FailureContext } from '../../recording/recording-context.ts';
import { countDown } from '../../runtime/clock.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Claim, Claims, OpenClaim } from '../../windows/claims.ts';
import { hasLeftovers, lastOpenAtMs, standingOf, withGap } from './claim-standing.ts';
import type { Standing } from './claim-standing.ts';
import { InstantProgress } from './instant-progress.ts';
import type { Gap } from './missed-instants.ts';
import { withoutConfirmed } from './take-over-others.ts';
import { confirmClaim, maxTries, takeOverClaim } from './write-claim.ts';
import type { WindowInput } from '../window-input.ts';
import { windowMs } from '../window-span.ts';

/** A claim reaches so far ahead within the window's minute, so that it is written every few seconds only. */
const aheadMs = 10_000;
/** Past its minute a window asks so often whether the next one has begun. */
const askEveryMs = 250;
/** The next window waits so long at most for the one before to put its runs on record: less than the shortest grace. */
const patienceMs = 700;
const patientPauseMs = 100;
/**
 * A window that was handed over has ended by then: an end settles for 5.5 s, a scrape has a limit of 5 s, and lines take
 * another second or two.
 */
const confirmMs = 15_000;

/** The part that one window has in its shard: which instants are its own, from when on, until when. */
export class ShardHold {
  /** Where the hold ends if no other window takes over, ms. */
  readonly endAtMs: number;
  readonly #id = randomUUID();
  readonly #parts: HoldParts;
  readonly #ownEndAtMs: number;
  /** How far this window has come with its instants. */
  readonly progress = new InstantProgress();
  #claim: Claim | undefined;
  #hasHeld = false;
  #hasLeftovers = false;
  #takingOver: Promise<void> | undefined;
  #previousAtMs: number | undefined;
  /** The first instant that this window has seen to, ms. */
  #firstAtMs = Infinity;
  #phase: 'apart' | 'holding' | 'taken-over' = 'apart';
  /** The last instant that was this window's when another one took over, ms. */
  #ownUntilMs = -Infinity;
  /** Not undefined while the window before has not confirmed. */
  #open: OpenClaim | undefined;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(parts: HoldParts) {
    this.#parts = parts;
    this.#ownEndAtMs = parts.scheduledAtMs + windowMs;
    this.endAtMs = parts.scheduledAtMs + 2 * windowMs;
  }

  get isHeld(): boolean {
    return this.#phase === 'holding';
  }

  /** It has been held, whether or not it still is. */
  get hasHeld(): boolean {
    return this.#hasHeld;
  }

  /** Another window has taken over, or was there already. */
  get isTaken(): boolean {
    return this.#phase === 'taken-over';
  }

  /** Whether another window has this instant: it has taken over, and this one had not claimed it. */
  isTakenAt(instantMs: number): boolean {
    return this.isTaken && instantMs > this.#ownUntilMs;
  }

  /** The last instant of the windows before, ms; undefined where no claim says it. */
  get previousAtMs(): number | undefined {
    return this.#previousAtMs;
  }

  /** Windows before may have left instants to be counted: to be asked after `standing`. */
  get hasLeftovers(): boolean {
    return this.#hasLeftovers;
  }

  /** How the shard stands for this window. One read. */
  async standing(): Promise<Standing> {
    const { claims, clock, share } = this.#parts;
    const standing = await this.#attempt('reading the claim of the shard', async () => {
      const claim = await claims.read(share);
      this.#hasLeftovers = this.#parts.kind === 'scheduled' && hasLeftovers(claim, clock.now());
      return standingOf(this.#parts, claim, clock.now());
    });
    // A table that does not answer must not keep a window from sampling.
    return standing ?? 'free';
  }

  /**
   * Takes the shard over, unless another window has it.
   * @param untilMs an instant that the window has at hand already, which it claims along with it
   */
  async takeOver(untilMs?: number): Promise<boolean> {
    if (this.#phase === 'apart') await (this.#takingOver ??= this.#takeOver(untilMs));
    return this.isHeld;
  }

  async #takeOver(untilMs: number | undefined): Promise<void> {
    const isTaken = await this.#attempt('taking the shard over', () => this.#tryTakeOver(untilMs));
    this.#phase = isTaken === false ? 'taken-over' : 'holding';
    this.#hasHeld ||= this.isHeld;
  }

  /** False when another window has it. */
  async #tryTakeOver(untilMs: number | undefined): Promise<boolean> {
    const taken = await takeOverClaim({ ...this.#parts, id: this.#id, untilMs });
    if (typeof taken === 'object')
      [this.#claim, this.#previousAtMs, this.#open] = [taken.claim, taken.previousAtMs, taken.claim.open];
    return taken !== 'held';
  }

  /** Waits a moment until the window before has put its runs on record. */
  async waitForTheOneBefore(): Promise<void> {
    const { clock, claims, share } = this.#parts;
    const leftMs = countDown(clock, clock.now() + patienceMs);
    while (this.#open !== undefined && leftMs() > 0) {
      await clock.sleepUntil(clock.now() + patientPauseMs);
      await this.#attempt('reading the claim of the shard', async () => {
        this.#see(await claims.read(share));
      });
    }
  }

  /**
   * Whether this window may sample an instant. Within its minute it claims some seconds ahead, in the background;
   * past it each instant by itself, so that the next window takes over at the first one that it has not claimed.
   * @param nextAtMs the instant after it
   */
  async claimInstant(instantMs: number, nextAtMs: number): Promise<boolean> {
    if (this.#phase !== 'holding') return !this.isTakenAt(instantMs);
    this.#firstAtMs = Math.min(this.#firstAtMs, instantMs);
    const isOwn = instantMs < this.#ownEndAtMs;
    const aimAtMs = isOwn ? Math.min(this.#ownEndAtMs - 1, Math.max(instantMs + aheadMs, nextAtMs)) : instantMs;
    const claimedUntilMs = this.#claim?.claimedUntilMs ?? -Infinity;
    if (claimedUntilMs < instantMs) await this.#extend(aimAtMs);
    else if (isOwn && claimedUntilMs < Math.min(aimAtMs, Math.max(instantMs + aheadMs / 2, nextAtMs)))
      void this.#extend(aimAtMs);
    return !this.isTakenAt(instantMs);
  }

  /** When to ask next whether another window has begun, ms; Infinity for never. */
  nextQuestionAtMs(nowMs: number): number {
    return this.isHeld ? Math.max(nowMs, this.#ownEndAtMs) + askEveryMs : Infinity;
  }

  /** Asks whether another window has begun. One read. */
  async askWhetherTaken(): Promise<boolean> {
    const { claims, share } = this.#parts;
    await this.#attempt('reading the claim of the shard', async () => {
      this.#see(await claims.read(share));
    });
    return this.isTaken;
  }

  /**
   * What the window before has claimed but not confirmed, once it is clear that it never will; to be counted.
   * @param isLast this window ends: no later one will see what is still open
   */
  async takeAbandoned(isLast = false): Promise<OpenClaim | undefined> {
    const { clock, claims } = this.#parts;
    // A window that could not take its shard over all the while still has to find out what was there before it.
    const { lastAtMs } = this.progress;
    if (isLast && this.isHeld && this.#claim === undefined && lastAtMs > 0) await this.#extend(lastAtMs);
    if (this.#open === undefined) return undefined;
    if (!isLast && clock.now() <= lastOpenAtMs(this.#open) + confirmMs) return undefined;
    // It may have confirmed since the claim was read last.
    await this.askWhetherTaken();
    const open = this.#takeOpen();
    if (open?.ofOthers === undefined) return open;
    const doing = 'reading the claims of other numbers of shards';
    return (await this.#attempt(doing, () => withoutConfirmed(claims, open))) ?? open;
  }

  /** Another window has taken over and begins after these, which this one had claimed, but ends without sampling. */
  ownInstantsLeft(): Gap | undefined {
    const previousAtMs = Math.max(this.progress.lastAtMs, this.#previousAtMs ?? -Infinity);
    return previousAtMs < this.#ownUntilMs ? { previousAtMs, untilMs: this.#ownUntilMs } : undefined;
  }

  #takeOpen(): OpenClaim | undefined {
    const open = this.#open;
    this.#open = undefined;
    return open;
  }

  /**
   * Every line is safe and every miss is counted: says so, for the window that follows. Never rejects.
   * @param hasRuns runs are under way
   */
  async confirm(hasRuns: boolean): Promise<void> {
    await this.#writing;
    if (this.#phase === 'apart' || this.#claim === undefined) return;
    const { claims, share } = this.#parts;
    await this.#attempt('confirming the claim of the shard', () =>
      confirmClaim({ claims, share, id: this.#id, lastAtMs: this.progress.lastAtMs, hasRuns }),
    );
  }

  #extend(claimedUntilMs: number): Promise<void> {
    const extending = this.#writing.then(async () => {
      await this.#attempt('renewing the claim of the shard', () => this.#tryExtend(claimedUntilMs));
    });
    this.#writing = extending;
    return extending;
  }

  async #tryExtend(aimAtMs: number): Promise<void> {
    const { claims, share, missed } = this.#parts;
    for (let tries = 1; tries <= maxTries && this.isHeld; tries += 1) {
      const before = this.#claim;
      if (before === undefined) {
        // The table did not answer when the window began.
        if (!(await this.#tryTakeOver(aimAtMs))) this.#phase = 'taken-over';
        else this.#openGapBeforeFirst();
        return;
      }
      const { holder, scheduledAtMs, isOver } = before;
      const claimedUntilMs = Math.max(before.claimedUntilMs, aimAtMs);
      const doneUntilMs = Math.max(before.doneUntilMs, Math.min(this.progress.doneUntilMs, claimedUntilMs));
      const open = this.#open && { open: this.#open };
      const next = { holder, scheduledAtMs, isOver, claimedUntilMs, doneUntilMs, missed: missed(), ...open };
      const written = await claims.replace(share, next, before);
      if (written === false) this.#see(await claims.read(share));
      else {
        this.#claim = written;
        return;
      }
    }
  }

  /** The window has begun where its own minute does, and only now knows where the one before has ended. */
  #openGapBeforeFirst(): void {
    const untilMs = Math.min(this.#firstAtMs, this.progress.firstAtMs) - 1;
    this.#open = withGap(this.#open, { doneUntilMs: this.#previousAtMs ?? Infinity, claimedUntilMs: untilMs });
  }

  /** Takes over what somebody else has written. */
  #see(now: Claim | undefined): void {
    if (now === undefined || this.#phase !== 'holding') return;
    if (now.holder !== this.#id) {
      const { clock } = this.#parts;
      // It could not write its own claim yet: this one is of the window before.
      if (this.#claim === undefined && standingOf(this.#parts, now, clock.now()) !== 'held') return;
      this.#phase = 'taken-over';
      // A claim whose answer was late is this window's all the same: the next one begins after it.
      if (now.open?.holder === this.#id) this.#ownUntilMs = now.open.claimedUntilMs;
      return;
    }
    this.#claim = now;
    if (now.open === undefined) this.#open = undefined;
  }

  #attempt<Result>(doing: string, action: () => Promise<Result>): Promise<Result | undefined> {
    return attempt(this.#parts.failures, doing, action);
  }
}

export interface HoldParts {
  readonly claims: Claims;
  readonly clock: Clock;
  readonly share: { readonly shard: number; readonly shards: number };
  readonly kind: WindowInput['kind'];
  readonly scheduledAtMs: number;
  /** How many instants the window has counted as missed so far. */
  readonly missed: () => number;
  readonly failures: FailureContext;
}

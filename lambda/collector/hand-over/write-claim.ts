import type { Claim, Claims, Share } from '../../windows/claims.ts';
import { lastClaimedAtMs, leftOpenBy, standingOf, withMoreOpen } from './claim-standing.ts';
import { mayHaveOthers, nothingLeft, takeOverOthers } from './take-over-others.ts';
import type { TakingOver } from './take-over-others.ts';
import { windowMs } from '../window-span.ts';

/** So often somebody else may write at the same time. */
export const maxTries = 4;

/** A claim that was taken over. */
interface TakenClaim {
  readonly claim: Claim;
  /** The last instant of the windows before, ms; undefined where no claim says it. */
  readonly previousAtMs: number | undefined;
}

/**
 * Takes a shard's claim over for a window. Rejects when DynamoDB does.
 * @param wish.untilMs an instant that the window has at hand already, which it claims along with it
 * @returns `held` where another window has the shard, or that instant; undefined where the claim cannot be written:
 *   somebody writes all the time, or what stands there is no claim. Sampling twice is then better than not at all.
 */
export async function takeOverClaim(
  wish: TakingOver & { readonly untilMs: number | undefined },
): Promise<TakenClaim | 'held' | undefined> {
  const { claims, share, clock, id, scheduledAtMs, untilMs } = wish;
  for (let tries = 1; tries <= maxTries; tries += 1) {
    const before = await claims.read(share);
    const nowMs = clock.now();
    if (before?.holder === id) {
      // A write of this window's whose answer was late or lost: the claim is its own all the same.
      const claimedUntilMs = Math.max(before.claimedUntilMs, untilMs ?? 0);
      const own = await claims.replace(share, { ...before, claimedUntilMs }, before);
      if (own !== false) return { claim: own, previousAtMs: before.doneUntilMs };
      continue;
    }
    if (standingOf(wish, before, nowMs) === 'held') return 'held';
    const others = mayHaveOthers(before, nowMs) ? await takeOverOthers(wish) : nothingLeft;
    if (others === 'held') return 'held';
    const previousAtMs = latestOf(lastClaimedAtMs(before, nowMs), others.claimedUntilMs);
    if (previousAtMs !== undefined && untilMs !== undefined && previousAtMs >= untilMs) return 'held';
    const fromAtMs = previousAtMs ?? Math.max(scheduledAtMs, nowMs - windowMs) - 1;
    // What is past is this window's as well, to be sampled late or counted: otherwise the next one would count it again.
    const claimedUntilMs = Math.max(fromAtMs, untilMs ?? nowMs);
    const left = before === undefined || before.isPassedOn === true ? undefined : leftOpenBy(before);
    const open = others.open.length > 0 ? withMoreOpen(left, { ofOthers: others.open }) : left;
    const mine = { holder: id, scheduledAtMs, claimedUntilMs, doneUntilMs: fromAtMs, missed: 0, isOver: false };
    const claim = await claims.replace(share, { ...mine, ...(open && { open }) }, before);
    if (claim !== false) return { claim, previousAtMs };
  }
  return undefined;
}

function latestOf(...instants: readonly (number | undefined)[]): number | undefined {
  const known = instants.filter((each) => each !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

/**
 * Says that a window has seen to all that it claimed. Rejects when DynamoDB does.
 * @param window.lastAtMs the last instant that it has seen to: what it had claimed ahead is free again
 */
export async function confirmClaim(window: {
  readonly claims: Claims;
  readonly share: Share;
  readonly id: string;
  readonly lastAtMs: number;
  /** Runs are under way, of which no window may see the end. */
  readonly hasRuns: boolean;
}): Promise<void> {
  const { claims, share } = window;
  for (let tries = 1; tries <= maxTries; tries += 1) {
    const claim = await claims.read(share);
    const next = claim && confirmed(claim, window);
    if (next === undefined || (await claims.replace(share, next, claim)) !== false) return;
  }
}

/** The claim with a window's part confirmed; undefined when it no longer has one. */
function confirmed(
  claim: Claim,
  { id, lastAtMs, hasRuns }: { readonly id: string; readonly lastAtMs: number; readonly hasRuns: boolean },
): Omit<Claim, 'revision'> | undefined {
  const { open, ...others } = claim;
  const { holder, scheduledAtMs, claimedUntilMs, doneUntilMs } = claim;
  const seenUntilMs = Math.min(claimedUntilMs, Math.max(doneUntilMs, lastAtMs));
  if (holder === id) {
    const until = { claimedUntilMs: seenUntilMs, doneUntilMs: seenUntilMs };
    return { holder, scheduledAtMs, ...until, missed: 0, isOver: true, ...(hasRuns && { hasRuns }) };
  }
  return open?.holder === id ? others : undefined;
}

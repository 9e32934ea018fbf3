import type { Claim, OpenClaim } from '../../windows/claims.ts';
import type { WindowInput } from '../window-input.ts';
import { windowMs } from '../window-span.ts';

/** A holder that is past its minute claims each instant in time; one that is so late with it was killed. */
const lapseMs = 3_000;
/** No claim reaches further ahead than a minute: one that does was written by a clock that was wrong. */
const maxAheadMs = 2 * windowMs;

/** What a claim means for a window that begins. */
export type Standing =
  /** Nobody samples the shard. */
  | 'free'
  /** The window before does, and waits for this one. */
  | 'hand-over'
  /** Another window does: this one is its double, or comes too late. */
  | 'held';

/** Where a window stands that begins now. Pure. */
export function standingOf(
  window: { readonly kind: WindowInput['kind']; readonly scheduledAtMs: number },
  claim: Claim | undefined,
  nowMs: number,
): Standing {
  if (claim === undefined || claim.isOver || isImplausible(claim, nowMs)) return 'free';
  if (nowMs > Math.max(claim.claimedUntilMs, claim.scheduledAtMs + windowMs) + lapseMs) return 'free';
  const isNext = window.kind === 'scheduled' && window.scheduledAtMs > claim.scheduledAtMs;
  return isNext ? 'hand-over' : 'held';
}

function isImplausible({ claimedUntilMs }: Claim, nowMs: number): boolean {
  return claimedUntilMs > nowMs + maxAheadMs;
}

/** Whether windows before may have left instants that nobody sampled, or counted, until now. Pure. */
export function hasLeftovers(claim: Claim | undefined, nowMs: number): boolean {
  if (claim === undefined || isImplausible(claim, nowMs) || claim.isPassedOn === true) return false;
  return !claim.isOver || claim.hasRuns === true || claim.open !== undefined;
}

/** The last instant that belongs to the windows before; undefined when the claim says nothing plausible. Pure. */
export function lastClaimedAtMs(claim: Claim | undefined, nowMs: number): number | undefined {
  return claim === undefined || isImplausible(claim, nowMs) ? undefined : claim.claimedUntilMs;
}

/** So many windows may be killed one after another before the oldest gaps are counted as one. */
const maxGaps = 20;

/** What the windows before have left unconfirmed, for the window that takes over. Pure. */
export function leftOpenBy({
  isOver,
  open,
  holder,
  claimedUntilMs,
  doneUntilMs,
  missed,
}: Claim): OpenClaim | undefined {
  if (isOver) return open;
  const own = { holder, claimedUntilMs, doneUntilMs };
  if (open === undefined) return { ...own, missed };
  const { gaps = [], ofOthers } = open;
  const before = [...gaps, { claimedUntilMs: open.claimedUntilMs, doneUntilMs: open.doneUntilMs }];
  const left = { ...own, missed: missed + open.missed };
  return {
    ...left,
    gaps: before.length > maxGaps ? joinFirstTwo(before) : before,
    ...(ofOthers && { ofOthers }),
  };
}

/** What the windows before have left, with more gaps that are to be counted. Pure. */
export function withMoreOpen(
  left: OpenClaim | undefined,
  more: { readonly gaps?: Gaps; readonly ofOthers?: NonNullable<OpenClaim['ofOthers']> },
): OpenClaim {
  const { gaps = [], ofOthers = [] } = more;
  const untilMs = Math.max(0, ...[...gaps, ...ofOthers].map(({ claimedUntilMs }) => claimedUntilMs));
  const base = left ?? { holder: 'nobody', claimedUntilMs: untilMs, doneUntilMs: untilMs, missed: 0 };
  return { ...base, gaps: [...(base.gaps ?? []), ...gaps], ofOthers: [...(base.ofOthers ?? []), ...ofOthers] };
}

/** What the windows before have left, and a gap after it, if there is one. Pure. */
export function withGap(left: OpenClaim | undefined, gap: Gaps[number]): OpenClaim | undefined {
  return gap.doneUntilMs < gap.claimedUntilMs ? withMoreOpen(left, { gaps: [gap] }) : left;
}

/** The last instant that is still open, ms. Pure. */
export function lastOpenAtMs({ claimedUntilMs, ofOthers = [] }: OpenClaim): number {
  return Math.max(claimedUntilMs, ...ofOthers.map((each) => each.claimedUntilMs));
}

type Gaps = NonNullable<OpenClaim['gaps']>;

/** Counts too many rather than too few. */
function joinFirstTwo([first, second, ...others]: Gaps): Gaps {
  if (first === undefined || second === undefined) return [];
  return [{ doneUntilMs: first.doneUntilMs, claimedUntilMs: second.claimedUntilMs }, ...others];
}

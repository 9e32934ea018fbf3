import type { Claim, Claims, ClaimOfShare, OpenClaim, Share } from '../../windows/claims.ts';
import type { Clock } from '../../runtime/clock.ts';
import { lastClaimedAtMs, leftOpenBy, standingOf } from './claim-standing.ts';
import type { WindowInput } from '../window-input.ts';
import { windowMs } from '../window-span.ts';

/** What a window that takes a shard over is, and works with. */
export interface TakingOver {
  readonly claims: Claims;
  readonly share: Share;
  readonly clock: Clock;
  readonly id: string;
  readonly kind: WindowInput['kind'];
  readonly scheduledAtMs: number;
}

/** What windows of other numbers of shards have left. */
export interface LeftByOthers {
  /** The last instant that any of them has claimed, ms; undefined: none has lately. */
  readonly claimedUntilMs: number | undefined;
  /**
   * What those have claimed that were killed, and those that may have been. All of it counts for every shard, for nobody
   * knows whose targets it were.
   */
  readonly open: OfOthers;
}

type OfOthers = NonNullable<OpenClaim['ofOthers']>;

export const nothingLeft: LeftByOthers = { claimedUntilMs: undefined, open: [] };

/** Older claims say nothing of a run that is under way. */
const recentMs = 10 * windowMs;
/** So often an old window may extend its claim in between. */
const maxTries = 4;

/** Whether a window has to look for windows of another number of shards: its own shard has had none lately. Pure. */
export function mayHaveOthers(own: Claim | undefined, nowMs: number): boolean {
  return own === undefined || own.isPassedOn === true || own.claimedUntilMs < nowMs - 2 * windowMs;
}

/**
 * A deployment has changed the number of shards: the windows of before would go on for a minute, for no window of their own
 * shards comes. This tells them to end, and says after which instant to begin. Rejects when DynamoDB does.
 * @returns `held` where a newer window of another number of shards has the targets
 */
export async function takeOverOthers(taking: TakingOver): Promise<LeftByOthers | 'held'> {
  const { claims, share, clock } = taking;
  const nowMs = clock.now();
  const others = (await claims.readOthers(share.shards)).filter(({ claim }) => {
    const claimedUntilMs = lastClaimedAtMs(claim, nowMs);
    return claimedUntilMs !== undefined && claimedUntilMs > nowMs - recentMs;
  });
  if (others.some(({ claim }) => isHeld(taking, claim, nowMs))) return 'held';
  const taken = await Promise.all(others.map((other) => passOn(taking, other)));
  const open = taken.flatMap((other) => openOf(other, { taking, nowMs }));
  const untilMs = taken.map(({ claim }) => claim.claimedUntilMs);
  return { claimedUntilMs: untilMs.length === 0 ? undefined : Math.max(...untilMs), open };
}

/** What a window of another number of shards has not confirmed: it was killed, or was told to end only now. */
function openOf(
  { share, claim }: ClaimOfShare,
  { taking, nowMs }: { readonly taking: TakingOver; readonly nowMs: number },
): OfOthers {
  const isPassedOn = claim.isPassedOn === true;
  const open = isPassedOn ? claim.open : isDead(taking, claim, nowMs) ? leftOpenBy(claim) : undefined;
  if (open === undefined) return [];
  const { gaps = [], ofOthers = [], claimedUntilMs, doneUntilMs, missed } = open;
  // Instants are counted by the shard that has the target; these are a number, for one shard to count.
  const missedHere = taking.share.shard === 0 ? missed : 0;
  const all = [...gaps, ...ofOthers, { claimedUntilMs, doneUntilMs, missed: missedHere }];
  return all.map((each) => ({ missed: 0, ...each, ...share }));
}

/** What is left open once the windows of other numbers of shards had time to confirm theirs. Rejects when DynamoDB does. */
export async function withoutConfirmed(claims: Claims, open: OpenClaim): Promise<OpenClaim> {
  const { ofOthers = [] } = open;
  const confirmed = new Set<string>();
  for (const [name, share] of new Map(ofOthers.map((each) => [nameOf(each), each]))) {
    const claim = await claims.read(share);
    if (claim?.isPassedOn === true && claim.open === undefined) confirmed.add(name);
  }
  return { ...open, ofOthers: ofOthers.filter((each) => !confirmed.has(nameOf(each))) };
}

const nameOf = ({ shard, shards }: Share): string => `${shard} of ${shards}`;

function isHeld(taking: TakingOver, claim: Claim, nowMs: number): boolean {
  return claim.isPassedOn !== true && standingOf(taking, claim, nowMs) === 'held';
}

function isDead(taking: TakingOver, claim: Claim, nowMs: number): boolean {
  return claim.isPassedOn !== true && !claim.isOver && standingOf(taking, claim, nowMs) === 'free';
}

/** Takes another claim over, where its window still samples. */
async function passOn(taking: TakingOver, { share, claim: first }: ClaimOfShare): Promise<ClaimOfShare> {
  const { claims, clock, id: holder, scheduledAtMs } = taking;
  let claim = first;
  for (let tries = 1; tries <= maxTries; tries += 1) {
    if (claim.isPassedOn === true || standingOf(taking, claim, clock.now()) !== 'hand-over') return { share, claim };
    const { claimedUntilMs } = claim;
    const open = leftOpenBy(claim);
    const next = { holder, scheduledAtMs, claimedUntilMs, doneUntilMs: claimedUntilMs, missed: 0, isOver: false };
    const written = await claims.replace(share, { ...next, isPassedOn: true, ...(open && { open }) }, claim);
    if (written !== false) return { share, claim: written };
    claim = (await claims.read(share)) ?? claim;
  }
  return { share, claim };
}

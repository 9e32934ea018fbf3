import { describe, expect, it } from 'vitest';
import { lastClaimedAtMs, leftOpenBy, standingOf } from '../../../lambda/collector/hand-over/claim-standing.ts';
import type { Claim } from '../../../lambda/windows/claims.ts';

const minute = Date.parse('2026-11-22T14:05:00Z');
const second = 1000;
const hour = 3600 * second;

/** A window of the first minute that has claimed ten seconds ahead. */
const claim: Claim = {
  holder: 'first',
  scheduledAtMs: minute,
  claimedUntilMs: minute + 20 * second,
  doneUntilMs: minute + 8 * second,
  missed: 0,
  isOver: false,
  revision: 3,
};
const scheduled = (minutes: number) => ({ kind: 'scheduled' as const, scheduledAtMs: minute + minutes * 60 * second });
const idlePoll = { kind: 'idle-poll' as const, scheduledAtMs: minute };

describe('where a window stands that begins', () => {
  it.each([
    ['none has been there', scheduled(0), undefined, 0, 'free'],
    ['the one before has ended in good order', scheduled(1), { ...claim, isOver: true }, 12, 'free'],
    ['the one before samples on', scheduled(1), { ...claim, claimedUntilMs: minute + 70 * second }, 71, 'hand-over'],
    ['it is the double of the one that samples', scheduled(0), claim, 12, 'held'],
    ['it comes after the one of a later minute', scheduled(-1), claim, 12, 'held'],
    ['an idle poll finds a window that samples', idlePoll, claim, 12, 'held'],
    ['the one before was killed in its minute', scheduled(0), claim, 64, 'free'],
    [
      'the one before was killed past its minute',
      scheduled(1),
      { ...claim, claimedUntilMs: minute + 70 * second },
      74,
      'free',
    ],
  ])('%s', (_, window, before, nowSeconds, expected) => {
    expect(standingOf(window, before, minute + nowSeconds * second)).toBe(expected);
  });

  it('a claim of a clock that was an hour ahead keeps nobody from sampling, and claims nothing', () => {
    const ahead = { ...claim, scheduledAtMs: minute + hour, claimedUntilMs: minute + hour + 20 * second };
    expect(standingOf(scheduled(0), ahead, minute)).toBe('free');
    expect(lastClaimedAtMs(ahead, minute)).toBeUndefined();
    expect(lastClaimedAtMs(claim, minute + 12 * second)).toBe(claim.claimedUntilMs);
  });
});

describe('what a window leaves open', () => {
  it('is nothing when it has ended in good order', () => {
    expect(leftOpenBy({ ...claim, isOver: true })).toBeUndefined();
  });

  it('is what it has claimed but not done, with the misses that it could not report', () => {
    expect(leftOpenBy({ ...claim, missed: 2 })).toEqual({
      holder: 'first',
      claimedUntilMs: minute + 20 * second,
      doneUntilMs: minute + 8 * second,
      missed: 2,
    });
  });

  it('holds what the one before it left open, and not what this one has seen to in between', () => {
    const open = { holder: 'zeroth', claimedUntilMs: minute, doneUntilMs: minute - 10 * second, missed: 1 };
    expect(leftOpenBy({ ...claim, missed: 2, open })).toEqual({
      holder: 'first',
      claimedUntilMs: minute + 20 * second,
      doneUntilMs: minute + 8 * second,
      missed: 3,
      gaps: [{ claimedUntilMs: minute, doneUntilMs: minute - 10 * second }],
    });
  });

  it('is bounded, however many windows are killed: nothing of it is forgotten', () => {
    let left = leftOpenBy(claim);
    for (let killed = 1; killed <= 100; killed += 1) {
      const byMs = killed * 60 * second;
      left = leftOpenBy({
        ...claim,
        claimedUntilMs: claim.claimedUntilMs + byMs,
        doneUntilMs: claim.doneUntilMs + byMs,
        ...(left && { open: left }),
      });
    }
    expect(left?.gaps).toHaveLength(20);
    expect(left?.gaps?.[0]?.doneUntilMs).toBe(claim.doneUntilMs);
  });
});

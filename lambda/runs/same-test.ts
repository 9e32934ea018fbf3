import type { Report, RowFigures } from '../locust/report/report.ts';
import { clocksApartMs } from '../runtime/clock.ts';
import { isActive, isWindingDown } from './locust-state.ts';
import type { TimelineSample } from './timeline.ts';

/** What the last sample of a run said. */
export interface LastSample {
  readonly startedAtMs: number;
  readonly lastGoodAtMs: number;
  readonly lastState: string;
  readonly total: RowFigures;
  readonly timeline: readonly TimelineSample[];
  /** For how long Locust's counters had been counting, ms. */
  readonly countersAgeMs?: number | undefined;
  readonly hasBeenSetBack?: boolean | undefined;
}

export type NowSeen = Pick<Report, 'state' | 'total' | 'userCount' | 'countersAgeMs'>;

/** The age is to the last request, and of rounded figures. */
const ageToleranceMs = 2_000;

/** Counters only grow while one test runs. An unknown counter says nothing. */
export function countersFell(before: RowFigures, now: RowFigures): boolean {
  return isBelow(now.numRequests, before.numRequests) || isBelow(now.numFailures, before.numFailures);
}

/** Whether anything was counted between two answers, or the counters were set back. */
export function haveCountersMoved(before: RowFigures, now: RowFigures): boolean {
  return now.numRequests !== before.numRequests || now.numFailures !== before.numFailures;
}

function isBelow(now: number | undefined, before: number | undefined): boolean {
  return now !== undefined && before !== undefined && now < before;
}

/** Whether the counters were set back since the last sample: they fell, or grew beyond it, but have been counting for less time. */
export function wereSetBack(before: LastSample, now: NowSeen): boolean {
  return countersFell(before.total, now.total) || isYounger(before, now);
}

function isYounger({ countersAgeMs: beforeMs }: LastSample, { countersAgeMs: ageMs }: NowSeen): boolean {
  return ageMs !== undefined && beforeMs !== undefined && ageMs < beforeMs - ageToleranceMs;
}

/**
 * Whether another test began since the last sample, by the counters alone. They only grow while one test runs, but Locust
 * may be told to set them back at the end of each ramp-up (`--reset-stats`), of which a load shape has as many as steps.
 *
 * From running to running with another number of users it may be either: a step of a shape, or a test that was stopped
 * and another. Counters that fell count as a step, unless this Locust is known to keep them. Counters that have outgrown
 * the last sample count as one only where this run's have been set back before, so that Locust does that; so do those of
 * more users that are still made. What cannot be told apart, where Locust's page does not say it (`set-back.ts`): the first
 * step of a shape that outgrows its sample, and another test with fewer requests and other users.
 */
export function isNextTest(before: LastSample, now: NowSeen): boolean {
  if (isActive(now.state) && isWindingDown(before.lastState)) return true;
  if (!wereSetBack(before, now) || before.lastState === 'spawning') return false;
  if (keepsCounters(before)) return true;
  const hadBeen = hadBeenSetBack(before);
  if (now.state === 'spawning') return !(hadBeen && moreUsers(before, now) > 0);
  const isStep = now.state === 'running' && moreUsers(before, now) !== 0;
  return !(isStep && (hadBeen || countersFell(before.total, now.total)));
}

/** How many users more there are than in the last sample; 0 where nobody knows. */
export function moreUsers({ timeline }: LastSample, { userCount }: NowSeen): number {
  const usersBefore = timeline.at(-1)?.[1] ?? undefined;
  return userCount === undefined || usersBefore === undefined ? 0 : userCount - usersBefore;
}

/** Whether this Locust sets its counters back while a test runs: it has been seen to, or they are younger than the run itself. */
export function hadBeenSetBack(before: LastSample): boolean {
  const { countersAgeMs: ageMs, startedAtMs, lastGoodAtMs, hasBeenSetBack = false } = before;
  return hasBeenSetBack || (ageMs !== undefined && ageMs < lastGoodAtMs - startedAtMs - ageToleranceMs);
}

/** Workers report their users so late that a ramp-up seems to go on when its end has set the counters back. */
const usersLateMs = 15_000;

/** Whether this Locust keeps its counters for certain: a ramp-up has ended while they were counting. */
export function keepsCounters({ countersAgeMs: ageMs, ...before }: LastSample): boolean {
  if (ageMs === undefined || before.lastState !== 'running') return false;
  const sinceSeconds = (before.lastGoodAtMs - ageMs + usersLateMs - before.startedAtMs) / 1000;
  const users = before.timeline.flatMap(([seconds, count]) =>
    seconds >= sinceSeconds && count !== null ? [count] : [],
  );
  return users.some((count, index) => count > (users[index - 1] ?? count));
}

/**
 * Whether counters have been counting since before the last sample for certain, however the clocks of workers differ,
 * whose last request the age goes to: then nobody has set them back since. Pure.
 */
export function areOlderThan({ countersAgeMs: ageMs }: Pick<Report, 'countersAgeMs'>, sinceMs: number): boolean {
  return ageMs !== undefined && ageMs > sinceMs + clocksApartMs;
}

/**
 * Whether an answer is another Locust's than that of the run, as where an address leads to two in turn: its counters are
 * lower, but have not been set back since the last sample.
 * @param answer.isKnown two have answered before: one at rest is the other one
 */
export function isOfAnotherLocust(
  before: LastSample,
  now: NowSeen,
  { atMs, isKnown }: { readonly atMs: number; readonly isKnown: boolean },
): boolean {
  const fell = countersFell(before.total, now.total);
  return fell && (areOlderThan(now, atMs - before.lastGoodAtMs) || (isKnown && !isActive(now.state)));
}

/**
 * Whether an answer after a time out of sight is of the same test for certain: a test that began meanwhile cannot have
 * been counting for longer than that. Where the release does not tell the age, or nothing was asked for meanwhile, a short
 * time is bridged: counters that stand still, above 0, are the same, and so are those of a run that had lasted for longer.
 * @param answer.atMs its instant, ms
 * @param answer.provenAfterMs after so long only the age counts
 */
export function hasGoneOn(
  before: LastSample,
  now: NowSeen,
  { atMs, provenAfterMs }: { readonly atMs: number; readonly provenAfterMs: number },
): boolean {
  const { numRequests, numFailures } = now.total;
  const isKnown = numRequests !== undefined && before.total.numRequests !== undefined;
  if (!isKnown || numRequests === 0 || wereSetBack(before, now)) return false;
  const unseenMs = atMs - before.lastGoodAtMs;
  if (now.countersAgeMs !== undefined && now.countersAgeMs > unseenMs + ageToleranceMs) return true;
  if (unseenMs >= provenAfterMs) return false;
  if (numRequests === before.total.numRequests && numFailures === before.total.numFailures) return true;
  return now.countersAgeMs === undefined && before.lastGoodAtMs - before.startedAtMs > unseenMs;
}

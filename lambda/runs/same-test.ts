import type { Report, RowFigures } from '../locust/report/report.ts';
import { clocksApartMs } from '../runtime/clock.ts';
import { isActive, isWindingDown } from './locust-state.ts';
import type { TimelineSample } from './timeline.ts';

/** What the last sample of a run said. */
interface LastSample {
  readonly startedAtMs: number;
  readonly lastGoodAtMs: number;
  readonly lastState: string;
  readonly total: RowFigures;
  readonly timeline: readonly TimelineSample[];
  /** For how long Locust's counters had been counting, ms. */
  readonly countersAgeMs?: number | undefined;
}

type NowSeen = Pick<Report, 'state' | 'total' | 'userCount' | 'countersAgeMs'>;

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
 * Whether another test began since the last sample. Counters only grow while one test runs, but Locust may be told to
 * set them back at the end of each ramp-up (`--reset-stats`), of which a load shape has as many as steps.
 *
 * From running to running with another number of users it may be either: a step of a shape, or a test that was stopped
 * and another. Counters that fell count as a step. Counters that have outgrown the last sample count as one only where
 * this run's have been set back before, so that Locust does that; otherwise as another test. What cannot be told apart:
 * the first step of a shape that outgrows its sample, and another test with fewer requests and other users.
 */
export function isNextTest(before: LastSample, now: NowSeen): boolean {
  if (isActive(now.state) && isWindingDown(before.lastState)) return true;
  if (!wereSetBack(before, now) || before.lastState === 'spawning') return false;
  const isStep = now.state === 'running' && areUsersOthers(before, now);
  return !(isStep && (countersFell(before.total, now.total) || hadBeenSetBack(before)));
}

function areUsersOthers({ timeline }: LastSample, { userCount }: NowSeen): boolean {
  const usersBefore = timeline.at(-1)?.[1] ?? undefined;
  return userCount !== undefined && usersBefore !== undefined && userCount !== usersBefore;
}

/** Counters that are younger than the run itself were set back in it. */
function hadBeenSetBack({ countersAgeMs: ageMs, startedAtMs, lastGoodAtMs }: LastSample): boolean {
  return ageMs !== undefined && ageMs < lastGoodAtMs - startedAtMs - ageToleranceMs;
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

import type { Report, RowFigures } from '../locust/report/report.ts';
import { isUnderWay } from './locust-state.ts';

/** What Locust has counted in its last test, which is over. */
export interface CountersAtRest {
  readonly requests: number;
  readonly failures: number;
  /** From the test's start to its last request, ms; undefined where the release does not say. */
  readonly ageMs?: number | undefined;
}

/** At rest the age is the same in every answer: it is computed of figures that stand still. */
const sameAgeMs = 100;

/** The counters of a Locust that runs no test; undefined while one runs, and before the first. */
export function countersAtRest({ state, total, countersAgeMs }: Report): CountersAtRest | undefined {
  const { numRequests: requests, numFailures: failures = 0 } = total;
  // `ready` says that no test was made yet; there `stopped` without a request is a reset.
  const isUnused = state === 'ready' && requests === 0;
  if (isUnderWay(state) || requests === undefined || isUnused) return undefined;
  return { requests, failures, ...(countersAgeMs !== undefined && { ageMs: countersAgeMs }) };
}

export function haveSameCounters(one: CountersAtRest | undefined, other: CountersAtRest | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.requests === other.requests && one.failures === other.failures && haveSameAge(one, other);
}

function haveSameAge({ ageMs: one }: CountersAtRest, { ageMs: other }: CountersAtRest): boolean {
  return one === undefined || other === undefined || Math.abs(one - other) <= sameAgeMs;
}

/**
 * Whether counters at rest, which are others than those known before, are those of another test for certain. In one
 * test they only grow; whether they grew in the test that is known, the counters alone cannot say.
 */
export function areOfAnotherTest(before: CountersAtRest, now: CountersAtRest): boolean {
  if (now.requests < before.requests || now.failures < before.failures) return true;
  if (before.requests === 0) return true;
  if (now.ageMs === undefined || before.ageMs === undefined) return false;
  const haveGrown = now.requests > before.requests || now.failures > before.failures;
  return !haveGrown || now.ageMs < before.ageMs - sameAgeMs;
}

/** Whether the response times of a whole test cannot be those of one that had these before: the longest is shorter, or the shortest longer. */
export function haveOtherExtremes(before: RowFigures, now: RowFigures): boolean {
  const isSlowestGone = isBelow(now.maxResponseTime, before.maxResponseTime);
  return isSlowestGone || isBelow(before.minResponseTime, now.minResponseTime);
}

function isBelow(one: number | undefined, other: number | undefined): boolean {
  return one !== undefined && other !== undefined && one < other;
}

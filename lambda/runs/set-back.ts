import { hadBeenSetBack, keepsCounters, moreUsers } from './same-test.ts';
import type { LastSample, NowSeen } from './same-test.ts';

/** What Locust's page says of the test whose counters were set back. */
interface PageSays {
  /** Whether a load shape makes the users. */
  readonly hasShape: boolean | undefined;
  /** How many users were asked for, for this test and for that of the run, where that is known. */
  readonly asked: { readonly now: number | undefined; readonly before: number | undefined };
  /** How many users there were when the counters had just been set back. */
  readonly firstUsers: number | undefined;
}

/** Of the users of a ramp-up that is over, all are there; workers may report some of them late. */
const almostAll = 0.9;

/**
 * Whether counters that were set back while a test runs are those of another test. Locust itself sets them back at the end
 * of a ramp-up only, where it is told to: without a load shape a test has one, and one more each time a person asks for
 * other users, or a worker comes. Undefined where the page does not decide it. Pure.
 */
export function isNextByPage(before: LastSample, now: NowSeen, says: PageSays): boolean | undefined {
  const { hasShape } = says;
  if (hasShape === undefined) return undefined;
  if (hasShape) {
    if (keepsCounters(before)) return true;
    return hadBeenSetBack(before) ? false : undefined;
  }
  if (now.state === 'spawning') return true;
  if (hadBeenSetBack(before)) return undefined;
  return before.lastState === 'spawning' ? wasRampUpAnothers(before, now, says) : true;
}

/** Whether a ramp-up that has ended is not the one that was seen before. True or undefined. */
function wasRampUpAnothers(before: LastSample, now: NowSeen, { asked, firstUsers }: PageSays): true | undefined {
  const areOthersAsked = asked.now !== undefined && asked.before !== undefined && asked.now !== asked.before;
  const areFewer = asked.now === undefined && moreUsers(before, now) < 0;
  // Counters that were set back at its end began with all of its users.
  const beganInIt = firstUsers !== undefined && firstUsers < almostAll * (now.userCount ?? 0);
  return areOthersAsked || areFewer || beganInIt || undefined;
}

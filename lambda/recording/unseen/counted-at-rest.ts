import type { TargetStatus } from '../../targets/target.ts';
import { haveSameCounters } from '../../runs/counters-at-rest.ts';

/** The notice of a Locust whose counters went up while no test ran. */
export const countedAtRest = {
  kind: 'counted-at-rest',
  message:
    'Locust says that no test runs, but its counters went up since it last answered: requests were counted after the end of ' +
    'its test, or a short test was over before it was seen. What was counted since is not stored.',
} as const;

/** A status that says so, from the answer that showed it until Locust has other counters. Another notice goes before. */
export function withCountedAtRest(
  status: TargetStatus,
  before: TargetStatus | undefined,
  isNew: boolean,
): TargetStatus {
  const isKnown = before?.notice?.kind === countedAtRest.kind && haveSameCounters(status.atRest, before.atRest);
  if (status.notice !== undefined || status.atRest === undefined || !(isNew || isKnown)) return status;
  return { ...status, notice: countedAtRest };
}

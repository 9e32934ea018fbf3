import pLimit from 'p-limit';
import { hasExpired } from '../../targets/collection-rule.ts';
import type { OwnedTargets } from '../../targets/count-owned.ts';
import type { FoundTarget } from '../../targets/edit-targets.ts';
import type { ApiPorts } from '../api-ports.ts';
import { apartMs } from '../../runtime/clock.ts';
import { ProblemError } from '../http/problem.ts';

// There is one token for all reporters, and it stands in the settings of many CI jobs: somebody who gets hold of it must not be
// able to fill the registry, which all targets are read from.

/** So many targets of reporters at once, those not counted that have expired. */
export const maxReporterTargets = 1_000;
/** Those that have expired included, until they are removed. */
export const maxReporterTargetsKept = 5_000;
/** So many new ones within a minute: every job of a large matrix that starts at once, and no flood. */
export const maxNewReporterTargets = 120;
const recentMs = 60_000;
/** A count reads the whole table: so long one is good for, with what was added since. */
export const countedForMs = 5_000;

/** Holds reporters to the number of targets that they may have. */
export interface ReporterQuota {
  /**
   * Does the work where one more target of a reporter may become live. One after another, so that those that come at
   * once are counted; several functions at once may go beyond by what each of them adds within 5 s.
   * @param isNew whether there is no such target yet, not even an expired one
   * @throws ProblemError 429; the work is not done
   */
  take<Result>(isNew: boolean, work: () => Promise<Result | 'conflict'>): Promise<Result | 'conflict'>;
}

/** One for all requests of a process; what it counts is in the table. */
export function createReporterQuota({ countOwned, clock }: Pick<ApiPorts, 'countOwned' | 'clock'>): ReporterQuota {
  const oneAtATime = pLimit(1);
  let counted: { owned: OwnedTargets | undefined; readonly atMs: number } | undefined;
  const count = async (): Promise<NonNullable<typeof counted>> => {
    const nowMs = clock.now();
    if (counted === undefined || apartMs(nowMs, counted.atMs) >= countedForMs) {
      const owned = await countOwned({ owner: 'reporter', nowMs, recentSinceAtMs: nowMs - recentMs });
      counted = { owned, atMs: nowMs };
    }
    return counted;
  };
  const requireRoom = ({ owned }: NonNullable<typeof counted>): OwnedTargets => {
    if (owned === undefined) throw full('The registry is too large for reporters to add targets.');
    if (owned.live >= maxReporterTargets) {
      throw full(
        `The limit of ${maxReporterTargets} targets of reporters is reached. Remove some, or wait until some expire.`,
      );
    }
    if (owned.all >= maxReporterTargetsKept) {
      throw full(
        `The limit of ${maxReporterTargetsKept} targets of reporters, expired ones included, is reached. Remove some.`,
      );
    }
    if (owned.recent >= maxNewReporterTargets) {
      const detail = `Reporters may add ${maxNewReporterTargets} targets a minute. Try again in a minute.`;
      throw new ProblemError('too-many-requests', detail, { headers: { 'retry-after': '60' } });
    }
    return owned;
  };
  return {
    take: (isNew, work) =>
      oneAtATime(async () => {
        const known = await count();
        const { all, live, recent } = requireRoom(known);
        const done = await work();
        const news = isNew ? 1 : 0;
        if (done !== 'conflict') known.owned = { all: all + news, live: live + 1, recent: recent + news };
        return done;
      }),
  };
}

/** Whether an edit makes one more target that is not expired. */
export function addsTarget(before: FoundTarget | undefined, nowMs: number): boolean {
  return before === undefined || (before.fits && hasExpired(before.target, nowMs));
}

function full(detail: string): ProblemError {
  return new ProblemError('too-many-targets', detail, { headers: { 'retry-after': '60' } });
}

/**
 * Refuses an id whose past is another's: its runs could be overwritten, and would be taken for the reporter's.
 * @throws ProblemError 403
 */
export async function requireOwnPast({ history }: Pick<ApiPorts, 'history'>, id: string): Promise<void> {
  const { runs } = await history.list({ target: id, limit: 5 });
  if (runs.every(({ owner }) => owner === 'reporter')) return;
  const detail = `There are runs of an earlier target ${id} that was not made with the reporter token. Choose another id.`;
  throw new ProblemError('forbidden', detail);
}

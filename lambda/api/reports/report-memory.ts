import pLimit from 'p-limit';
import type { Clock } from '../../runtime/clock.ts';
import { withResolvers } from '../../runtime/with-resolvers.ts';
import type { ReportBody } from './decode-sent-report.ts';
import { ProblemError } from '../http/problem.ts';

/** Bounds what all reports that are taken at once hold in memory: decoded, one may be ten times what was sent. */
export interface ReportMemory {
  /**
   * Does the work when there is room for this body.
   * @throws ProblemError 503 with Retry-After when too many wait already, or after 5 s of waiting; the work is not done
   */
  take<Result>(body: ReportBody, work: () => Promise<Result>): Promise<Result>;
}

/** So many bytes are small: about 200 endpoints. Small reports do not wait behind large ones. */
const smallBytes = { plain: 256 * 1024, compressed: 16 * 1024 };
/** At once: 48 small ones and 4 large ones are about 250 MB at their worst. */
const lanes = {
  small: { atOnce: 48, waiting: 1_000 },
  large: { atOnce: 4, waiting: 16 },
};
/** With the 10 s that taking it may last, it is answered well before API Gateway and senders give up. */
const waitMs = 5_000;
const retryAfter = { 'retry-after': '5' };

/** An empty one, for all reports of one process. */
export function createReportMemory(clock: Clock): ReportMemory {
  const limits = { small: pLimit(lanes.small.atOnce), large: pLimit(lanes.large.atOnce) };
  return {
    async take(body, work) {
      const lane = isSmall(body) ? 'small' : 'large';
      if (limits[lane].pendingCount >= lanes[lane].waiting) throw crowded();
      return startInTime({ clock, limit: limits[lane] }, work);
    },
  };
}

async function startInTime<Result>(
  { clock, limit }: { readonly clock: Clock; readonly limit: ReturnType<typeof pLimit> },
  work: () => Promise<Result>,
): Promise<Result> {
  // Let go of when it is given up, for the body hangs on it.
  let toDo: typeof work | undefined = work;
  const late = withResolvers<never>();
  const deadline = clock.deadline(waitMs);
  const giveUp = (): void => {
    toDo = undefined;
    late.reject(crowded());
  };
  deadline.addEventListener('abort', giveUp, { once: true });
  const turn = limit(() => {
    deadline.removeEventListener('abort', giveUp);
    return toDo === undefined ? late.promise : toDo();
  });
  return Promise.race([turn, late.promise]);
}

function isSmall({ bytes, contentEncoding }: ReportBody): boolean {
  const isCompressed = contentEncoding !== undefined || (bytes[0] === 0x1f && bytes[1] === 0x8b);
  return bytes.length <= (isCompressed ? smallBytes.compressed : smallBytes.plain);
}

function crowded(): ProblemError {
  const detail = 'Too many large reports come at once. Send it again in some seconds.';
  return new ProblemError('unavailable', detail, { headers: retryAfter });
}

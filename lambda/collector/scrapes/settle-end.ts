import type { FetchedReport, GoodReport } from '../../locust/fetch/fetch-report.ts';
import { recordSettledEnd } from '../../recording/ends/record-settled-end.ts';
import { isUnderWay } from '../../runs/locust-state.ts';
import type { Run } from '../../runs/run.ts';
import { countersFell } from '../../runs/same-test.ts';
import { fetchReport } from './read-target.ts';
import { recordFetched } from './record-fetched.ts';
import type { WatchedTarget } from '../targets/watched-target.ts';
import type { WindowContext } from '../window-context.ts';

/** A master has its workers' last figures up to 3 s after a test's end, and Locust answers from a cache for 2 s. */
const settleMs = 5_500;
/** `DEFAULT_CACHE_TIME` in locust/web.py, and half a second for the report's own way. */
export const locustCacheMs = 2_500;
/** With less time than this left in the window, it is not asked again. */
const minSettleFetchMs = 500;

/**
 * What is still to be done for a run's end, once its figures have settled. `to-settle`: it is on record, but its figures
 * may not be the last ones. `to-confirm`: nothing is on record, for its Locust has registered itself, and sends its end.
 */
export type Closing = { readonly kind: 'to-settle'; readonly ended: Run } | { readonly kind: 'to-confirm' };

/**
 * Waits until the figures of a run that has just ended have settled, and its own report of that has come. False where
 * the window does not last so long.
 */
export async function waitUntilSettled({ ports, stop, fetchesEndAtMs }: WindowContext): Promise<boolean> {
  const settledAtMs = ports.clock.now() + settleMs;
  if (settledAtMs > fetchesEndAtMs - minSettleFetchMs) return false;
  try {
    await ports.clock.sleepUntil(settledAtMs, stop);
    return true;
  } catch {
    // It is to stop: what the closing sample has is what there is.
    return false;
  }
}

/** Reads a target whose run has ended once more. Never rejects. */
export async function settleEnd(watched: WatchedTarget, ended: Run, context: WindowContext): Promise<void> {
  if (watched.run !== undefined || watched.isRemoved) return;
  const fetched = await fetchReport(watched, context);
  if (fetched !== undefined) await recordSettledEnd(watched, { ended, fetched }, context);
}

/**
 * A Locust that registered itself sends its end, with figures that are more exact than those of its web UI, and for ever
 * the last. So the end that its web UI shows is kept in mind, and put on record only where no report comes.
 * @returns `none`: the answer is to be recorded as any other; undefined: nothing is left to be done with it
 */
export async function holdBackEnd(
  watched: WatchedTarget,
  { fetched, atMs }: { readonly fetched: FetchedReport; readonly atMs: number },
  context: WindowContext,
): Promise<Closing | 'none' | undefined> {
  const { run, target, unconfirmedEnd: shown } = watched;
  if (run === undefined || target.owner !== 'reporter') return 'none';
  if (shown === undefined) {
    if (!isEndOf(run, fetched)) return 'none';
    // Its own report began the run: what Locust says right after that may be from before the test, out of its cache.
    if (atMs - run.startedAtMs < locustCacheMs) return undefined;
    watched.endShown({ run: run.id, atMs, fetched });
    return { kind: 'to-confirm' };
  }
  const isOver = !fetched.ok || isEndOf(run, fetched);
  if (isOver && !watched.isEndDue) return undefined;
  await recordShownEnd(watched, fetched, context);
  return isOver ? undefined : 'none';
}

/** No report has come: ends the run as its web UI has shown it. Never rejects. @param isSettled it may be asked once more */
export async function confirmEnd(watched: WatchedTarget, isSettled: boolean, context: WindowContext): Promise<void> {
  if (watched.unconfirmedEnd === undefined) return;
  const fetched = isSettled ? await fetchReport(watched, context) : undefined;
  await recordShownEnd(watched, fetched, context);
}

/** @param later an answer that may have figures that came in late */
async function recordShownEnd(
  watched: WatchedTarget,
  later: FetchedReport | undefined,
  context: WindowContext,
): Promise<void> {
  const { run, unconfirmedEnd: shown } = watched;
  if (run === undefined || shown === undefined) return;
  watched.endShown(undefined);
  const isLater = later !== undefined && isEndOf({ total: shown.fetched.report.total }, later);
  await recordFetched({ followed: watched, fetched: isLater ? later : shown.fetched, atMs: shown.atMs }, context);
}

function isEndOf({ total }: Pick<Run, 'total'>, fetched: FetchedReport): fetched is GoodReport {
  return fetched.ok && !isUnderWay(fetched.report.state) && !countersFell(total, fetched.report.total);
}

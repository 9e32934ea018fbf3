import type { FetchedReport } from '../../locust/fetch/fetch-report.ts';
import type { PageReading } from '../../locust/fetch/read-page.ts';
import { runClosedBy } from '../../recording/record-scrape.ts';
import { isActive } from '../../runs/locust-state.ts';
import { holdBackEnd, locustCacheMs } from './settle-end.ts';
import type { Closing } from './settle-end.ts';
import { fetchReport, readLocustPage } from './read-target.ts';
import { recordFetched } from './record-fetched.ts';
import { countFailure } from '../window-figures/summary.ts';
import type { WatchedTarget } from '../targets/watched-target.ts';
import type { WindowContext } from '../window-context.ts';

/**
 * Reads one target at one instant and does all that follows: its run, its status, its lines. Never rejects.
 * @param instantMs the instant of the sample; undefined for an idle poll between two instants, which only shows whether
 *   there is something to sample
 * @returns what is still to be done for the run's end, where the answer says that the test is over
 */
export async function sampleTarget(
  watched: WatchedTarget,
  instantMs: number | undefined,
  context: WindowContext,
): Promise<Closing | undefined> {
  const { clock } = context.ports;
  const atMs = instantMs ?? clock.now();
  context.summary.latenessMs = Math.max(context.summary.latenessMs, clock.now() - atMs);
  const fetched = await fetchReport(watched, context);
  if (fetched === undefined) {
    // Nothing was learned of the target: its status stays.
    context.summary.missed += 1;
    return undefined;
  }
  if (!fetched.ok) countFailure(context.summary, fetched.failure.kind);
  else context.summary.badRows += fetched.report.badRows;
  const onlyDetects = instantMs === undefined || mayBeCached(watched, atMs);
  const sawStart = onlyDetects && fetched.ok && isActive(fetched.report.state);
  const { sawStart: sawTest } = watched;
  watched.startDetected(sawStart);
  if (sawStart) {
    context.summary.looks += 1;
    return undefined;
  }
  if (!(await takeOverStart(watched, fetched, { atMs, context }))) return undefined;
  const held = await holdBackEnd(watched, { fetched, atMs }, context);
  if (held !== 'none') return held;
  const readPage = (): Promise<PageReading> => readLocustPage(watched, atMs, context);
  const scrape = { followed: watched, fetched, atMs, readPage, sawTest };
  const ended = runClosedBy(scrape, await recordFetched(scrape, context));
  return ended && { kind: 'to-settle', ended };
}

/** Of several windows that see a test start, the one that has the shard samples it, from that sample on. */
async function takeOverStart(
  { run }: WatchedTarget,
  fetched: FetchedReport,
  { atMs, context: { hold } }: { readonly atMs: number; readonly context: WindowContext },
): Promise<boolean> {
  if (hold === undefined || run !== undefined || !fetched.ok || !isActive(fetched.report.state)) return true;
  return hold.takeOver(atMs);
}

/**
 * Locust answers from a cache for 2 s, so that right after its own report of a test's end it may say that the test runs.
 * The next instant shows whether another one does.
 */
function mayBeCached({ run, stored, target }: WatchedTarget, atMs: number): boolean {
  const hasJustEnded = stored?.state === 'stopped' && atMs - Date.parse(stored.since) < locustCacheMs;
  return run === undefined && target.owner === 'reporter' && hasJustEnded;
}

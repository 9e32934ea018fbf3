import type { FetchedReport } from '../locust/fetch-report.ts';
import { followSample } from '../recording/follow-sample.ts';
import { isActive } from '../runs/run.ts';
import { countFailure } from './summary.ts';
import type { WatchedTarget } from './watched-target.ts';
import { attempt } from '../recording/recording-context.ts';
import type { WindowContext } from './window-context.ts';

/** Long enough for a busy Locust, short enough that the next instant comes after. */
const fetchDeadlineMs = 5_000;
/** `DEFAULT_CACHE_TIME` in locust/web.py, and half a second for the report's own way. */
const locustCacheMs = 2_500;

/**
 * Reads one target at one instant and does all that follows: its run, its status, its lines. Never rejects.
 * @param instantMs the instant of the sample; undefined for a look between two instants, which only tells whether
 *   there is something to sample
 */
export async function sampleTarget(
  watched: WatchedTarget,
  instantMs: number | undefined,
  context: WindowContext,
): Promise<void> {
  const { clock } = context.ports;
  const atMs = instantMs ?? clock.now();
  context.summary.latenessMs = Math.max(context.summary.latenessMs, clock.now() - atMs);
  const fetched = await fetchReport(watched, context);
  if (!fetched.ok) countFailure(context.summary, fetched.failure.kind);
  else context.summary.badRows += fetched.report.badRows;
  const onlyDetects = instantMs === undefined || mayBeCached(watched, atMs);
  watched.sawStart = onlyDetects && fetched.ok && isActive(fetched.report.state);
  if (watched.sawStart) context.summary.looks += 1;
  else await followSample({ followed: watched, fetched, atMs }, context);
}

/**
 * Locust answers from a cache for 2 s, so that right after its own report of a test's end it may say that the test runs.
 * The next instant tells whether another one does.
 */
function mayBeCached({ run, stored, target }: WatchedTarget, atMs: number): boolean {
  const hasJustEnded = stored?.state === 'stopped' && atMs - Date.parse(stored.since) < locustCacheMs;
  return run === undefined && target.owner === 'reporter' && hasJustEnded;
}

async function fetchReport({ target }: WatchedTarget, context: WindowContext): Promise<FetchedReport> {
  const { ports, fetchesEndMs, locust } = context;
  const secrets = await attempt(context, `reading the credentials of ${target.id}`, () => ports.secretsOf(target));
  if (secrets === undefined) return withoutCredentials;
  return locust.fetchReport({
    url: target.url,
    ...secrets,
    ...(target.tls !== undefined && { tls: target.tls }),
    deadlineMs: Math.max(1, Math.min(fetchDeadlineMs, fetchesEndMs - ports.clock.now())),
  });
}

/** Nothing is sent: a request without its credentials would only count as a failed login. */
const withoutCredentials: FetchedReport = {
  ok: false,
  failure: { kind: 'unauthorized', message: 'Its credentials cannot be read, so it was not asked.' },
  durationMs: 0,
};

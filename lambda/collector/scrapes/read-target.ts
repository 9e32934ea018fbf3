import type { FetchedReport } from '../../locust/fetch/fetch-report.ts';
import type { PageReading } from '../../locust/fetch/read-page.ts';
import type { ReportRequest } from '../../locust/fetch/report-request.ts';
import { attempt } from '../../recording/recording-context.ts';
import { SecretsGone } from '../../runtime/target-secrets.ts';
import type { WatchedTarget } from '../targets/watched-target.ts';
import type { WindowContext } from '../window-context.ts';

/** What a run's first sample waits for Locust's page at most; less where half of its interval is over sooner. */
const pageTimeoutMs = 1_500;
/** It waits so long in any case: a first sample may come late, and what the page says is asked for once. */
const minPageTimeoutMs = 500;
/** Long enough for a busy Locust, short enough that the next instant comes after. */
const fetchTimeoutMs = 5_000;

/** Reads a target's figures. Undefined when it was not asked, because the store of its credentials failed. Never rejects. */
export async function fetchReport(watched: WatchedTarget, context: WindowContext): Promise<FetchedReport | undefined> {
  const request = await prepareRequest(watched, fetchTimeoutMs, context);
  if (request === undefined) return undefined;
  return request === 'gone' ? withoutCredentials : context.locust.fetchReport(request);
}

/** Reads Locust's own page, at the instant of a sample. Never rejects. */
export async function readLocustPage(
  watched: WatchedTarget,
  atMs: number,
  context: WindowContext,
): Promise<PageReading> {
  // The next instant finds the target free again.
  const leftMs = atMs + watched.target.sampleSeconds * 500 - context.ports.clock.now();
  const timeoutMs = Math.max(minPageTimeoutMs, Math.min(pageTimeoutMs, leftMs));
  const request = await prepareRequest(watched, timeoutMs, context);
  if (request !== undefined && request !== 'gone') return context.locust.readPage(request);
  return { ok: false, message: 'Its credentials could not be read.' };
}

/** Undefined when the store of a target's credentials failed; `gone` when they are no longer there. */
async function prepareRequest(
  { target }: WatchedTarget,
  timeoutMs: number,
  context: WindowContext,
): Promise<ReportRequest | 'gone' | undefined> {
  const { ports, fetchesEndAtMs } = context;
  const secrets = await attempt(context, `reading the credentials of ${target.id}`, () =>
    ports.secretsOf(target).catch((error: unknown) => {
      if (error instanceof SecretsGone) return 'gone' as const;
      throw error;
    }),
  );
  if (secrets === undefined || secrets === 'gone') return secrets;
  return {
    url: target.url,
    target: target.id,
    ...secrets,
    ...(target.tls !== undefined && { tls: target.tls }),
    timeoutMs: Math.max(1, Math.min(timeoutMs, fetchesEndAtMs - ports.clock.now())),
  };
}

/** Nothing is sent: a request without its credentials would only count as a failed login. */
const withoutCredentials: FetchedReport = {
  ok: false,
  failure: {
    kind: 'unauthorized',
    message: 'Its credentials are gone, so it was not asked: give auth and headers again.',
  },
  durationMs: 0,
};

import { eventPoint } from '../influx/points.ts';
import { linesOf, sampleLines } from '../influx/sample-lines.ts';
import type { Series } from '../influx/series.ts';
import type { FetchedReport } from '../locust/fetch-report.ts';
import { isActive, observe } from '../runs/run.ts';
import type { Run, RunEvent, RunStep } from '../runs/run.ts';
import { recordStep } from './record-step.ts';
import { statusAfter } from './status.ts';
import { countFailure } from './summary.ts';
import type { WatchedTarget } from './watched-target.ts';
import { attempt } from './window-context.ts';
import type { WindowContext } from './window-context.ts';

/** Long enough for a busy Locust, short enough that the next instant comes after. */
const fetchDeadlineMs = 5_000;

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
  watched.sawStart = instantMs === undefined && fetched.ok && isActive(fetched.report.state);
  if (watched.sawStart) context.summary.looks += 1;
  else await follow({ watched, fetched, atMs }, context);
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

interface Seen {
  readonly watched: WatchedTarget;
  readonly fetched: FetchedReport;
  readonly atMs: number;
}

async function follow({ watched, fetched, atMs }: Seen, context: WindowContext): Promise<void> {
  const { target } = watched;
  const report = fetched.ok ? fetched.report : undefined;
  const failure = fetched.ok ? undefined : fetched.failure;
  const before = watched.stored;
  const wanted = observe(watched.run, { atMs, report, sampleSeconds: target.sampleSeconds });
  const status = statusAfter({ atMs, report, failure, run: wanted.run?.id }, before);
  watched.latest = status;
  const step = await recordStep({ watched, wanted, status }, context);
  if (step.run === undefined && step.ended === undefined) context.summary.looks += 1;
  else {
    context.summary.samples += 1;
    if (!fetched.ok) context.summary.samplesFailed += 1;
  }

  const run = step.run ?? step.ended;
  const { states, maxEndpoints } = target;
  const sample = run && { series: seriesOf(watched, run), instantMs: atMs, fetched, states, maxEndpoints };
  const lines = [...eventLines(watched, step, atMs), ...(sample === undefined ? [] : sampleLines(sample))];
  context.outbox.add(lines);
  const { observer } = context.ports;
  if (before?.state !== status.state || before?.error?.kind !== failure?.kind || step.started || step.ended) {
    observer.changed?.({
      target: target.id,
      atMs,
      stateBefore: before?.state,
      state: status.state,
      failure,
      failedBefore: before?.error !== undefined,
      run: step.run,
      runStarted: step.started,
      runEnded: step.ended,
    });
  }
  if (step.run !== undefined) observer.sampled?.({ target: target.id, atMs, report, failure, points: lines.length });
}

function eventLines(
  watched: WatchedTarget,
  step: RunStep & { started: Run | undefined },
  atMs: number,
): readonly string[] {
  const event = (run: Run, kind: RunEvent, instantMs: number, text: string): Parameters<typeof eventPoint>[0] => ({
    series: seriesOf(watched, run),
    instantMs,
    event: kind,
    text,
  });
  const { ended, started, run, wasReset } = step;
  const events = [
    ended?.ended && event(ended, 'stop', ended.ended.atMs, `run ${ended.id} ${ended.ended.outcome}`),
    started && event(started, 'start', started.startedAtMs, `run ${started.id} started`),
    wasReset && run && event(run, 'reset', atMs, 'Locust set its counters back at the end of the ramp-up'),
  ];
  return linesOf(events.filter((each) => typeof each === 'object').map(eventPoint));
}

function seriesOf({ target }: WatchedTarget, run: Run): Series {
  return { project: target.project, target: target.id, run: run.id, tags: target.tags };
}

import type { Failure } from '../locust/failure.ts';
import type { Report } from '../locust/report/report.ts';
import { failingAfter } from '../targets/reporter-status.ts';
import { statusRefreshMs } from '../targets/status-refresh.ts';
import { isFetched } from '../targets/target.ts';
import type { TargetStatus } from '../targets/target.ts';
import type { FollowedTarget } from './followed-target.ts';
import { countersAtRest, haveSameCounters } from '../runs/counters-at-rest.ts';
import { isUnderWay } from '../runs/locust-state.ts';
import { apartMs } from '../runtime/clock.ts';

/** What one scrape gave. */
interface ScrapeResult {
  readonly atMs: number;
  /** When it became known, ms; `atMs` where that is the same. */
  readonly knownAtMs?: number | undefined;
  readonly report: Report | undefined;
  readonly failure: Failure | undefined;
  /** Of a report that was sent: why the collector cannot read the same Locust, see `unreadOf`. */
  readonly unread?: TargetStatus['error'];
  readonly run: string | undefined;
  /** Of a run that goes on though the scrape failed. */
  readonly noAnswer?: NoAnswer | undefined;
}

/** How long a run has gone on without a good scrape, ms: since its last sample, until it counts as ended. */
export interface NoAnswer {
  readonly sinceAtMs: number;
  readonly endsAtMs: number;
  /** The status with the last figures. */
  readonly last: TargetStatus | undefined;
}

/** The status after a scrape. The last known state stays while a target does not answer, and in a run its figures. */
export function statusAfter(scrape: ScrapeResult, before: TargetStatus | undefined): TargetStatus {
  const { atMs, knownAtMs = atMs, report, failure, unread, run, noAnswer } = scrape;
  const checkedAt = new Date(knownAtMs).toISOString();
  const error = failure === undefined ? unread : { kind: failure.kind, message: failure.message, at: checkedAt };
  const state = report?.state ?? before?.state;
  const notice = report?.notices[0];
  const failing = failure === undefined ? keptFailing(before, checkedAt) : failingNow(scrape, before);
  const isSame = before?.state === state && before?.error?.kind === error?.kind;
  return {
    checkedAt,
    since: isSame && before !== undefined ? before.since : checkedAt,
    ...(state !== undefined && { state }),
    ...(run !== undefined && { run }),
    ...atRestOf(report, before),
    ...(error !== undefined && { error, failing }),
    ...(notice !== undefined && { notice: { kind: notice.kind, message: notice.message } }),
    // A Locust at rest still answers with the figures of its last test.
    ...(report !== undefined && isUnderWay(report.state) && figuresOf(report)),
    ...(noAnswer !== undefined && { ...lastFigures(noAnswer.last), noAnswer: inStatus(noAnswer) }),
  };
}

function failingNow({ atMs, run }: ScrapeResult, before: TargetStatus | undefined): TargetStatus['failing'] {
  const isInRun = run !== undefined && before?.run === run;
  return failingAfter(new Date(atMs).toISOString(), { before, isInRun });
}

/** A report that was sent changes what is known of the Locust, and nothing of whether it can be read. */
function keptFailing(before: TargetStatus | undefined, checkedAt: string): TargetStatus['failing'] {
  return before?.failing && { ...before.failing, readAt: checkedAt };
}

function inStatus({ sinceAtMs, endsAtMs }: NoAnswer): TargetStatus['noAnswer'] {
  return { since: new Date(sinceAtMs).toISOString(), endsAt: new Date(endsAtMs).toISOString() };
}

function lastFigures(last: TargetStatus | undefined): Partial<TargetStatus> {
  return Object.fromEntries(figureNames.flatMap((name) => (last?.[name] === undefined ? [] : [[name, last[name]]])));
}

/**
 * Why the collector could not read a target when it last tried, where both look at it: what a Locust reports by itself
 * does not make its web UI readable.
 */
export function unreadOf({ target, stored }: Pick<FollowedTarget, 'target' | 'stored'>): TargetStatus['error'] {
  return isFetched(target) ? stored?.error : undefined;
}

/** A scrape that failed says nothing of the counters. */
function atRestOf(report: Report | undefined, before: TargetStatus | undefined): Pick<TargetStatus, 'atRest'> {
  const atRest = report === undefined ? before?.atRest : countersAtRest(report);
  return atRest === undefined ? {} : { atRest };
}

function figuresOf(report: Report): Partial<TargetStatus> {
  const p95 = report.currentPercentiles.find(({ label }) => label === '95')?.value;
  return {
    ...(report.userCount !== undefined && { userCount: report.userCount }),
    ...(report.total.currentRps !== undefined && { currentRps: report.total.currentRps }),
    ...(report.failRatio !== undefined && { failRatio: report.failRatio }),
    ...(p95 !== undefined && { currentP95: p95 }),
  };
}

const figureNames = ['userCount', 'currentRps', 'failRatio', 'currentP95'] as const;

/** How soon a status has to reach the table. */
export type Urgency = 'now' | 'when-there-is-room' | 'not-at-all';

/** State, failure, notice and run are written at once, figures when there is room, and times alone every five minutes. */
export function urgencyOf(status: TargetStatus, before: TargetStatus | undefined): Urgency {
  if (before === undefined || status.state !== before.state || status.run !== before.run) return 'now';
  if (status.error?.kind !== before.error?.kind || status.noAnswer?.endsAt !== before.noAnswer?.endsAt) return 'now';
  if (!haveSameCounters(status.atRest, before.atRest)) return 'now';
  // A scrape that failed says nothing about notices.
  if (status.error === undefined && status.notice?.kind !== before.notice?.kind) return 'now';
  if (apartMs(Date.parse(status.checkedAt), Date.parse(before.checkedAt)) >= statusRefreshMs) return 'now';
  // A target that is in no run keeps its last figures, which are no longer current.
  if (status.run === undefined) return 'not-at-all';
  return figureNames.some((figure) => status[figure] !== before[figure]) ? 'when-there-is-room' : 'not-at-all';
}

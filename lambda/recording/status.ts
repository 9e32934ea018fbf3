import type { Failure } from '../locust/failure.ts';
import type { Report } from '../locust/report.ts';
import type { TargetStatus } from '../registry/target.ts';
import { isActive } from '../runs/run.ts';

/** Figures that did not change are written again after so long, so that `checkedAt` tells of a living collector. */
const refreshMs = 5 * 60_000;

/** One attempt at one instant, as a status. */
export interface Attempt {
  readonly atMs: number;
  /** When it became known, ms; `atMs` where that is the same. */
  readonly knownAtMs?: number | undefined;
  readonly report: Report | undefined;
  readonly failure: Failure | undefined;
  readonly run: string | undefined;
}

/** The status after an attempt. The last known state stays while a target does not answer. */
export function statusAfter(attempt: Attempt, before: TargetStatus | undefined): TargetStatus {
  const { atMs, knownAtMs = atMs, report, failure, run } = attempt;
  const checkedAt = new Date(knownAtMs).toISOString();
  const state = report?.state ?? before?.state;
  const isSame = before?.state === state && before?.error?.kind === failure?.kind;
  return {
    checkedAt,
    since: isSame && before !== undefined ? before.since : checkedAt,
    ...(state !== undefined && { state }),
    ...(run !== undefined && { run }),
    ...(failure !== undefined && { error: { kind: failure.kind, message: failure.message } }),
    // A Locust at rest goes on telling the figures of its last test.
    ...(report !== undefined && isActive(report.state) && figuresOf(report)),
  };
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

/** How soon a status has to reach the table. */
export type Urgency = 'now' | 'when-there-is-room' | 'not-at-all';

/** State, failure and run are written at once, figures when there is room, and times alone every five minutes. */
export function urgencyOf(status: TargetStatus, before: TargetStatus | undefined): Urgency {
  if (before === undefined || status.state !== before.state || status.run !== before.run) return 'now';
  if (status.error?.kind !== before.error?.kind) return 'now';
  if (Date.parse(status.checkedAt) - Date.parse(before.checkedAt) >= refreshMs) return 'now';
  // A target that is in no run keeps its last figures, which tell of nothing any more.
  if (status.run === undefined) return 'not-at-all';
  const figures = ['userCount', 'currentRps', 'failRatio', 'currentP95'] as const;
  return figures.some((figure) => status[figure] !== before[figure]) ? 'when-there-is-room' : 'not-at-all';
}

import type { Report, RowFigures } from '../locust/report.ts';
import { withSample } from './timeline.ts';
import type { TimelineSample } from './timeline.ts';

/** After so long without one good answer a run counts as lost. */
export const lostAfterMs = 5 * 60_000;

export type RunOutcome = 'finished' | 'lost';

/** One load test, seen from outside. */
export interface Run {
  /** The instant of its first sample in UTC, `20261122T140500Z`: the same for everyone who sees the same sample. */
  readonly id: string;
  readonly startedAtMs: number;
  readonly lastGoodAtMs: number;
  readonly lastState: string;
  readonly total: RowFigures;
  readonly peakUsers: number;
  readonly timeline: readonly TimelineSample[];
  readonly ended?: { readonly atMs: number; readonly outcome: RunOutcome };
}

/** What one attempt saw at one instant: a report, or undefined when it failed. */
export interface Observation {
  readonly atMs: number;
  readonly report: Report | undefined;
  /** The target's own interval, the spacing of the timeline. */
  readonly sampleSeconds: number;
}

export type RunEvent = 'start' | 'stop' | 'reset';

export interface RunStep {
  /** The run that goes on after this observation, if any: the one to tag the sample with. */
  readonly run: Run | undefined;
  /** The run that this observation ended. */
  readonly ended: Run | undefined;
  /** The same run, its counters set back by Locust itself. */
  readonly wasReset: boolean;
}

/** True while Locust makes users or load. */
export function isActive(state: string): boolean {
  return state === 'spawning' || state === 'running';
}

/** What an observation means for the run under way, or for a target without one. Pure. */
export function observe(run: Run | undefined, seen: Observation): RunStep {
  const { report, atMs } = seen;
  if (run === undefined) return { ...quiet, run: startIfActive(seen) };
  if (atMs - run.lastGoodAtMs >= lostAfterMs) {
    // Whatever answers now, nobody saw what happened in between.
    return { ...quiet, ended: end(run, run.lastGoodAtMs, 'lost'), run: startIfActive(seen) };
  }
  if (report === undefined) return { ...quiet, run };
  // An answer as old as the last one, or older, tells nothing new: two windows of one minute do no harm.
  if (atMs < run.lastGoodAtMs) return { ...quiet, run };
  const fell = countersFell(run.total, report.total);
  if (!isActive(report.state)) {
    const hasFinalFigures = !fell && report.total.numRequests !== undefined;
    const last = hasFinalFigures ? { ...run, total: report.total, lastState: report.state } : run;
    return { ...quiet, ended: end(last, atMs, 'finished') };
  }
  if (fell && run.lastState !== 'spawning') {
    return { ...quiet, ended: end(run, run.lastGoodAtMs, 'finished'), run: startIfActive(seen) };
  }
  return { ...quiet, run: goOn(run, report, seen), wasReset: fell };
}

/** An instant as a run id, to the second. */
export function runIdAt(instantMs: number): string {
  return new Date(instantMs)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:]/g, '');
}

/** The instant in ms that a run id stands for; NaN for what is no run id. */
export function runStartOf(id: string): number {
  return Date.parse(id.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

const quiet: RunStep = { run: undefined, ended: undefined, wasReset: false };

function startIfActive(seen: Observation): Run | undefined {
  const { report, atMs } = seen;
  if (report === undefined || !isActive(report.state)) return undefined;
  const empty = { id: runIdAt(atMs), startedAtMs: atMs, peakUsers: 0, timeline: [] };
  return goOn({ ...empty, lastGoodAtMs: atMs, lastState: report.state, total: report.total }, report, seen);
}

function goOn(run: Run, report: Report, { atMs, sampleSeconds }: Observation): Run {
  const sample = timelineSample(report, Math.round((atMs - run.startedAtMs) / 1000));
  return {
    ...run,
    lastGoodAtMs: atMs,
    lastState: report.state,
    total: report.total,
    peakUsers: Math.max(run.peakUsers, report.userCount ?? 0),
    timeline: withSample(run.timeline, sample, sampleSeconds),
  };
}

function end(run: Run, atMs: number, outcome: RunOutcome): Run {
  return { ...run, ended: { atMs, outcome } };
}

/** Counters only grow while one test runs. An unknown counter tells nothing. */
export function countersFell(before: RowFigures, now: RowFigures): boolean {
  return isBelow(now.numRequests, before.numRequests) || isBelow(now.numFailures, before.numFailures);
}

function isBelow(now: number | undefined, before: number | undefined): boolean {
  return now !== undefined && before !== undefined && now < before;
}

function timelineSample(report: Report, seconds: number): TimelineSample {
  const current = (label: string): number | null =>
    report.currentPercentiles.find((percentile) => percentile.label === label)?.value ?? null;
  const { currentRps, currentFailPerSec } = report.total;
  return [
    seconds,
    report.userCount ?? null,
    currentRps ?? null,
    currentFailPerSec ?? null,
    current('50'),
    current('95'),
  ];
}

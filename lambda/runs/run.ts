import type { Report, RowFigures } from '../locust/report/report.ts';
import { hasUntimedRequests } from '../locust/report/untimed-requests.ts';
import { withoutRowRates } from '../locust/report/without-rates.ts';
import type { TestSetup } from '../locust/test-setup.ts';
import { apartMs } from '../runtime/clock.ts';
import type { Verdict } from './criteria/verdict.ts';
import { isActive, isUnderWay, isWindingDown } from './locust-state.ts';
import { goneAtMs, lostAtMs } from './given-up.ts';
import type { Trouble } from './given-up.ts';
import { lostAfterMs } from './lost-after.ts';
import {
  areOlderThan,
  countersFell,
  haveCountersMoved,
  hasGoneOn,
  isNextTest,
  isOfAnotherLocust,
  wereSetBack,
} from './same-test.ts';
import { tallyAfter } from './tally.ts';
import type { Tally } from './tally.ts';
import { timelineSample, withSample } from './timeline.ts';
import type { TimelineSample } from './timeline.ts';

/** A test that was stopped and does not end is given up when nothing has moved for so long: users wait for an answer that never comes. */
const stuckAfterMs = 60 * 60_000;

/** `ended`: its Locust was gone, or had been started anew, so that nobody can say how the test ended. */
export const runOutcomes = ['finished', 'ended', 'lost'] as const;
export type RunOutcome = (typeof runOutcomes)[number];

export interface RunEnd {
  readonly atMs: number;
  readonly outcome: RunOutcome;
  /** Undefined where the target had no criteria. */
  readonly verdict?: Verdict | undefined;
}

/** One load test, seen from outside. */
export interface Run {
  /** The instant of its first sample in UTC, `20261122T140500Z`: the same for everyone who sees the same sample. */
  readonly id: string;
  /** When it was first seen. */
  readonly startedAtMs: number;
  /** When it truly began, where Locust proves that this was before it was first seen. */
  readonly beganAtMs?: number | undefined;
  readonly lastGoodAtMs: number;
  readonly lastState: string;
  readonly total: RowFigures;
  readonly peakUsers: number;
  readonly timeline: readonly TimelineSample[];
  readonly ended?: RunEnd | undefined;
  /** The instant of the closing sample that its Locust sent by itself, ms: those figures stand, whatever else is read. */
  readonly closedAtMs?: number | undefined;
  /** What the tester asked Locust for, as it was when the run began. */
  readonly setup?: TestSetup | undefined;
  /** What a person should know of how it was recorded, one sentence or two each. */
  readonly notes?: readonly string[] | undefined;
  /** For how long Locust's counters had been counting at the last sample, ms; undefined where the release does not say. */
  readonly countersAgeMs?: number | undefined;
  /** The last sample whose counters or users were not those of the one before, ms; undefined on older records. */
  readonly movedAtMs?: number | undefined;
  /** The last sample whose counters were not those of the one before, ms; undefined on older records. */
  readonly countedAtMs?: number | undefined;
  /** Undefined on older records. */
  readonly tally?: Tally | undefined;
  /** The tags of its target, when it was last saved. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** What people call it, and what they remarked: of its record alone, whoever follows the run. */
  readonly label?: string | undefined;
  readonly note?: string | undefined;
  /** Some of its requests have no response time: a mean times the requests is no sum of times. */
  readonly hasUntimedRequests?: boolean | undefined;
  /** Its Locust has set its counters back in it, as it is told to at the end of each ramp-up. */
  readonly hasBeenSetBack?: boolean | undefined;
  /** Whose target it was when it was put on record, where that was a reporter: it stays so whoever takes the target over. */
  readonly owner?: 'reporter' | undefined;
  /** How often its record had been written when it was last read or saved; undefined: no record is known. */
  readonly revision?: number | undefined;
}

/** One scrape as far as a run is concerned: a report, or undefined when it failed. */
interface Scrape {
  readonly atMs: number;
  readonly report: Report | undefined;
  /** Of this scrape where it failed, else of those before it; undefined: the last one was good as well. */
  readonly trouble?: Trouble | undefined;
  /** Whether it is of another test than the run's, where Locust's page says so; undefined: the counters decide. */
  readonly isNext?: boolean | undefined;
  /** The target's own interval, the spacing of the timeline. */
  readonly sampleSeconds: number;
  /** The report is of the same test for certain, however long nobody saw it. */
  readonly isOfSameTest?: boolean;
}

export type RunEvent = 'start' | 'stop' | 'reset';

export interface RunStep {
  /** The run that goes on after this scrape, if any: the one to tag the sample with. */
  readonly run: Run | undefined;
  /** The run that this scrape ended. */
  readonly ended: Run | undefined;
  /** The same run, its counters set back by Locust itself. */
  readonly wasReset: boolean;
  /** The run that it ended was over before it was seen. */
  readonly wasUnseen?: boolean;
}

/** What a scrape means for the run under way, or for a target without one. Pure. */
export function stepAfter(run: Run | undefined, scrape: Scrape): RunStep {
  const { report, atMs, trouble } = scrape;
  if (run === undefined) return { ...quiet, run: startIfActive(scrape) };
  if (isOutOfSight(run, scrape)) {
    // Whatever answers now, nobody saw what happened in between, or the machine's time was set back.
    return { ...quiet, ended: endAsLost(run), run: startIfActive(scrape) };
  }
  if (report === undefined) {
    const isGone = atMs >= goneAtMs(run.lastGoodAtMs, trouble);
    return isGone
      ? { ...quiet, ended: end(run, run.lastGoodAtMs, 'ended') }
      : { ...quiet, run: { ...run, tally: tallyAfter(run.tally, undefined) } };
  }
  // An answer as old as the last one, or older, says nothing new: two windows of one minute do no harm.
  if (atMs < run.lastGoodAtMs) return { ...quiet, run };
  const fell = countersFell(run.total, report.total);
  const goesOn = isActive(report.state) || (isWindingDown(report.state) && !fell);
  if (!goesOn) {
    if (wasStartedAnew(run, report)) {
      return { ...quiet, ended: end({ ...run, lastState: report.state }, run.lastGoodAtMs, 'ended') };
    }
    const hasFinalFigures = !fell && report.total.numRequests !== undefined;
    const last = hasFinalFigures ? withFinalFigures(run, report) : run;
    return { ...quiet, ended: end(last, atMs, 'finished') };
  }
  if (scrape.isNext ?? isNextTest(run, report)) {
    return { ...quiet, ended: end(run, run.lastGoodAtMs, 'finished'), run: startIfActive(scrape) };
  }
  const next = goOn(run, report, scrape);
  if (isStuck(next, atMs)) return { ...quiet, ended: end(next, atMs, 'finished') };
  const wasReset = wereSetBack(run, report);
  return { ...quiet, run: wasReset ? { ...next, hasBeenSetBack: true } : next, wasReset };
}

/** Whether a run that has ended because it could not be seen goes on with a report, or ended with it. Pure. */
export function hasComeBack(run: Run, report: Report, atMs: number): boolean {
  const mayEnd = atMs - run.lastGoodAtMs < lostAfterMs;
  return (mayEnd || isUnderWay(report.state)) && hasGoneOn(run, report, { atMs, provenAfterMs: lostAfterMs });
}

/** Whether a run that ended in an answer at rest goes on with a report: then that answer was another Locust's. Pure. */
export function wasEndedByAnother(run: Run, report: Report, atMs: number): boolean {
  const isSame = isActive(report.state) && !wereSetBack(run, report);
  return isSame && areOlderThan(report, atMs - run.lastGoodAtMs);
}

/** Whether a report is another Locust's than that of the run, which has still answered lately. Pure. */
export function isOfAnother(run: Run, report: Report, answer: { readonly atMs: number; readonly isKnown: boolean }) {
  return answer.atMs - run.lastGoodAtMs < lostAfterMs && isOfAnotherLocust(run, report, answer);
}

/** A run that was stopped and ended because nothing moved in it, though its Locust never said that it is over. */
export function wasStuck({ ended, ...run }: Run): boolean {
  return ended?.outcome === 'finished' && isStuck(run, ended.atMs);
}

/** A Locust that has made no test since it was started is not the process of a run with requests. */
function wasStartedAnew(run: Run, { state, total }: Report): boolean {
  return state === 'ready' && (total.numRequests ?? 0) < (run.total.numRequests ?? 0);
}

function isStuck({ lastState, movedAtMs, lastGoodAtMs }: Run, atMs: number): boolean {
  return isWindingDown(lastState) && atMs - (movedAtMs ?? lastGoodAtMs) >= stuckAfterMs;
}

/** Whether nobody has seen the run for too long, or the machine's time was set back. */
function isOutOfSight(run: Run, scrape: Scrape): boolean {
  const { report, atMs, isOfSameTest = false } = scrape;
  if (isOfSameTest) return false;
  const { lastGoodAtMs } = run;
  if (apartMs(atMs, lastGoodAtMs) < lostAtMs(lastGoodAtMs, busyTrouble(run, scrape)) - lastGoodAtMs) return false;
  const isSame = report !== undefined && atMs > run.lastGoodAtMs && hasComeBack(run, report, atMs);
  return !isSame;
}

/** What a run is given more time for. After a long time an answer can be of the same test only if its counters did not fall. */
function busyTrouble(run: Run, { report, trouble }: Scrape): Pick<Trouble, 'isBusy' | 'wasBusyAtMs'> | undefined {
  if (report === undefined || trouble === undefined) return trouble;
  if (countersFell(run.total, report.total)) return undefined;
  return { isBusy: trouble.kind === 'timeout', wasBusyAtMs: trouble.wasBusyAtMs };
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

function startIfActive(scrape: Scrape): Run | undefined {
  const { report, atMs } = scrape;
  if (report === undefined || !isActive(report.state)) return undefined;
  const empty = { id: runIdAt(atMs), startedAtMs: atMs, peakUsers: 0, timeline: [] };
  return goOn({ ...empty, lastGoodAtMs: atMs, lastState: report.state, total: report.total }, report, scrape);
}

function goOn(run: Run, report: Report, { atMs, sampleSeconds }: Scrape): Run {
  const sample = timelineSample(Math.round((atMs - run.startedAtMs) / 1000), { ...report, ...report.total });
  return {
    ...run,
    lastGoodAtMs: atMs,
    lastState: report.state,
    total: report.total,
    countersAgeMs: report.countersAgeMs,
    ...((run.hasUntimedRequests === true || hasUntimedRequests(report)) && { hasUntimedRequests: true }),
    movedAtMs: hasMoved(run, report) ? atMs : (run.movedAtMs ?? run.lastGoodAtMs),
    countedAtMs: haveCountersMoved(run.total, report.total) ? atMs : (run.countedAtMs ?? run.lastGoodAtMs),
    peakUsers: Math.max(run.peakUsers, report.userCount ?? 0),
    tally: tallyAfter(run.tally, report),
    timeline: withSample(run.timeline, sample, sampleSeconds),
  };
}

function hasMoved({ total, timeline }: Run, { total: now, userCount }: Report): boolean {
  const areUsersSame = userCount === (timeline.at(-1)?.[1] ?? undefined);
  return haveCountersMoved(total, now) || !areUsersSame;
}

/** When a run truly began, as far as is known, ms. */
export function beganAtMsOf({ beganAtMs, startedAtMs }: Run): number {
  return beganAtMs ?? startedAtMs;
}

/** Ends a run that can no longer be seen, or whose target is gone: at its last good scrape. */
export function endAsLost(run: Run): Run {
  return end(run, run.lastGoodAtMs, 'lost');
}

/** A run that is over, with what Locust says of it then; its last rates are those of a test that goes on. */
export function withFinalFigures(run: Run, { total, state, countersAgeMs }: Report): Run {
  return { ...run, total: withoutRowRates(total), lastState: state, countersAgeMs };
}

function end(run: Run, atMs: number, outcome: RunOutcome): Run {
  return { ...run, ended: { atMs, outcome } };
}

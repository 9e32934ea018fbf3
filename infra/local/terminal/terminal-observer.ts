import type { DeliveryProblem, Observer } from '../../../lambda/collector/window-figures/observer.ts';
import type { RunScrape, TargetChange } from '../../../lambda/recording/recording-observer.ts';
import { beganAtMsOf } from '../../../lambda/runs/run.ts';
import type { Run } from '../../../lambda/runs/run.ts';
import { apartMs } from '../../../lambda/runtime/clock.ts';
import type { Clock } from '../../../lambda/runtime/clock.ts';
import { storageProblem } from '../store/storage-problem.ts';
import { createInfluxWatch } from './influx-trouble.ts';
import type { InfluxState } from './influx-trouble.ts';
import type { InfluxMoment } from './influx-trouble-text.ts';
import type { RunEnded, TerminalView } from './terminal.ts';

/** An observer on one machine sees both sides of InfluxDB: what it takes, and what it does not. */
export interface LocalObserver extends Observer {
  /** InfluxDB has stored lines. */
  delivered(): void;
  /** InfluxDB was asked before there was a line for it, and does not take any. */
  notReady(problem: DeliveryProblem): void;
}

/** Samples and starts that are remembered, so that what is seen twice is shown once: two hours of ten targets. */
const maxRemembered = 10_000;

/**
 * Shows on a terminal what the collector sees; of InfluxDB, what changes.
 * @param options.print takes one line or more, without the last line break
 */
export function createTerminalObserver(options: {
  readonly view: TerminalView;
  readonly clock: Clock;
  readonly print: (text: string) => void;
}): LocalObserver {
  const { view, clock, print } = options;
  const isFirst = createFirstTimes();
  const isDue = createReminders(clock);
  const influx = createInfluxWatch(clock);
  const show = (state: InfluxState | undefined, moment: InfluxMoment = 'delivery'): void => {
    if (state !== undefined) print(view.influxChanged({ atMs: clock.now(), state, moment }));
  };
  return {
    sampled(sample) {
      const text = sampleText(sample, view);
      if (text !== undefined && isFirst(`${sample.target} ${sample.atMs}`)) print(text);
      for (const { kind, message } of sample.report?.notices ?? []) {
        const { target, atMs, run } = sample;
        if (isFirst(`${target} ${run} ${kind}`)) print(view.problem({ atMs, text: `${target}: ${message}` }));
      }
    },
    changed(change) {
      const { target, runStarted: started, runEnded: ended } = change;
      const isNew = (run: Run, what: string): boolean => isFirst(`${target} ${run.id} ${what}`);
      const shown = {
        ...change,
        runStarted: started !== undefined && isNew(started, 'started') ? started : undefined,
        runEnded: ended !== undefined && isNew(ended, `ended ${ended.ended?.atMs}`) ? ended : undefined,
      };
      const hasMoved = (started ?? ended) !== undefined;
      // A window and an idle poll may see the same instant, and both see the run begin or end.
      if (hasMoved && (shown.runStarted ?? shown.runEnded) === undefined && change.failure === undefined) return;
      for (const text of changeTexts(shown, view)) print(text);
    },
    settled({ target, run }) {
      print(view.runSettled({ atMs: clock.now(), target, ...endOf(run) }));
    },
    invalidItem: ({ id, problem }) => {
      print(view.problem({ atMs: clock.now(), text: `the target ${id} is left out: ${problem}` }));
    },
    notReady: (problem) => {
      // Kept apart from deliveries: when the first points wait, it is shown again.
      show(createInfluxWatch(clock).notDelivered(problem), 'start');
    },
    delivered: () => {
      show(influx.delivered());
    },
    notDelivered: (problem) => {
      show(influx.notDelivered(problem));
    },
    pointsLost: (lines) => {
      print(view.problem({ atMs: clock.now(), text: `${lines} points could neither be delivered nor kept` }));
    },
    platformFailed: ({ doing, error }) => {
      const text = `failed ${doing}: ${storageProblem(error, 'the data folder')}`;
      // The same trouble, though more lines wait from time to time.
      if (isDue(text.replace(/\d+ lines\b/g, 'lines'))) print(view.problem({ atMs: clock.now(), text }));
    },
  };
}

/** Whether a key is seen for the first time; the oldest are forgotten. */
function createFirstTimes(): (key: string) => boolean {
  const seen = new Set<string>();
  return (key) => {
    if (seen.has(key)) return false;
    seen.add(key);
    const [oldest] = seen;
    if (seen.size > maxRemembered && oldest !== undefined) seen.delete(oldest);
    return true;
  };
}

/** What goes on failing is shown again after so long; it may be tried several times a second. */
const reminderMs = 60_000;

/** Whether a text is to be printed: it was not within the last minute. */
function createReminders(clock: Clock): (text: string) => boolean {
  const shownAtMs = new Map<string, number>();
  return (text) => {
    const nowMs = clock.now();
    const lastAtMs = shownAtMs.get(text);
    if (lastAtMs !== undefined && apartMs(nowMs, lastAtMs) < reminderMs) return false;
    for (const [each, atMs] of shownAtMs) if (apartMs(nowMs, atMs) >= reminderMs) shownAtMs.delete(each);
    shownAtMs.set(text, nowMs);
    return true;
  };
}

function changeTexts(change: TargetChange, view: TerminalView): readonly string[] {
  const { target, atMs, runEnded } = change;
  const ended = runEnded === undefined ? [] : [view.runEnded({ atMs, target, ...endOf(runEnded) })];
  const remarks = (change.remarks ?? []).map((remark) => view.problem({ atMs, text: `${target}: ${remark}` }));
  const isRemarkAlone = remarks.length > 0 && !hasMoved(change);
  return isRemarkAlone ? remarks : [...movesOf(change, ended, view), ...remarks];
}

function hasMoved({ state, stateBefore, failure, failedBefore, runStarted, runEnded }: TargetChange): boolean {
  return state !== stateBefore || failedBefore || (failure ?? runStarted ?? runEnded) !== undefined;
}

function movesOf(change: TargetChange, ended: readonly string[], view: TerminalView): readonly string[] {
  const { target, atMs, state, failure, failedBefore, noAnswer, run, runStarted, runEnded } = change;
  if (failure !== undefined) return [...ended, view.unreachable({ atMs, target, ...failure, noAnswer })];
  if (runStarted !== undefined) return [...ended, view.runStarted({ atMs, target, run: runStarted.id })];
  // While a test runs, the samples show the state.
  const isShown = runEnded !== undefined || (run !== undefined && !failedBefore);
  return isShown ? ended : [view.reachable({ atMs, target, state: state ?? '' })];
}

/** A failed attempt has no figures; that the target cannot be read is shown once. */
function sampleText({ target, atMs, report, points }: RunScrape, view: TerminalView): string | undefined {
  if (report === undefined) return undefined;
  return view.sample({
    atMs,
    target,
    state: report.state,
    userCount: report.userCount,
    currentRps: report.total.currentRps,
    currentFailPerSec: report.total.currentFailPerSec,
    failRatio: report.failRatio,
    p95: report.currentPercentiles.find(({ label }) => label === '95')?.value,
    pointsWritten: points,
  });
}

function endOf(run: Run): Omit<RunEnded, 'atMs' | 'target'> {
  const { atMs, outcome, verdict } = run.ended ?? {
    atMs: run.lastGoodAtMs,
    outcome: 'lost' as const,
    verdict: undefined,
  };
  const { numRequests, numFailures } = run.total;
  return { run: run.id, outcome, durationMs: atMs - beganAtMsOf(run), numRequests, numFailures, verdict };
}

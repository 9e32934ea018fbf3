import type { DeliveryProblem, Observer } from '../../lambda/collector/observer.ts';
import type { SampleSeen, TargetChange } from '../../lambda/recording/recording-observer.ts';
import type { Run } from '../../lambda/runs/run.ts';
import type { Clock } from '../../lambda/runtime/clock.ts';
import { createInfluxWatch } from './influx-news.ts';
import type { InfluxNews } from './influx-news.ts';
import type { InfluxMoment } from './influx-text.ts';
import type { TerminalView } from './terminal.ts';

/** An observer on one machine sees both sides of InfluxDB: what it takes, and what it does not. */
export interface LocalObserver extends Observer {
  /** InfluxDB has stored lines. */
  delivered(): void;
  /** InfluxDB was asked before there was a line for it, and does not take any. */
  notReady(problem: DeliveryProblem): void;
}

/** Samples that are remembered, so that one that is both reported and fetched is shown once: two hours of ten targets. */
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
  const influx = createInfluxWatch(clock);
  const tell = (news: InfluxNews | undefined, moment: InfluxMoment = 'delivery'): void => {
    if (news !== undefined) print(view.influxChanged({ atMs: clock.now(), news, moment }));
  };
  return {
    sampled(sample) {
      const text = sampleText(sample, view);
      if (text !== undefined && isFirst(`${sample.target} ${sample.atMs}`)) print(text);
    },
    changed(change) {
      for (const text of changeTexts(change, view)) print(text);
    },
    unfit: ({ id, problem }) => {
      print(view.problem({ atMs: clock.now(), text: `the target ${id} is left out: ${problem}` }));
    },
    notReady: (problem) => {
      // Told apart from deliveries: of the first points that wait it is told again.
      tell(createInfluxWatch(clock).notDelivered(problem), 'start');
    },
    delivered: () => {
      tell(influx.delivered());
    },
    notDelivered: (problem) => {
      tell(influx.notDelivered(problem));
    },
    pointsLost: (lines) => {
      print(view.problem({ atMs: clock.now(), text: `${lines} points could neither be delivered nor kept` }));
    },
    platformFailed: ({ doing, error }) => {
      const reason = error instanceof Error ? error.message : String(error);
      print(view.problem({ atMs: clock.now(), text: `failed ${doing}: ${reason}` }));
    },
  };
}

/** Tells whether a key is seen for the first time; the oldest are forgotten. */
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

function changeTexts(change: TargetChange, view: TerminalView): readonly string[] {
  const { target, atMs, state, failure, failedBefore, run, runStarted, runEnded } = change;
  const ended = runEnded === undefined ? [] : [view.runEnded({ atMs, target, ...endOf(runEnded) })];
  if (failure !== undefined) return [...ended, view.unreachable({ atMs, target, ...failure })];
  if (runStarted !== undefined) return [...ended, view.runStarted({ atMs, target, run: runStarted.id })];
  // While a test runs, the samples tell the state.
  const isTold = runEnded !== undefined || (run !== undefined && !failedBefore);
  return isTold ? ended : [view.reachable({ atMs, target, state: state ?? '' })];
}

/** A failed attempt has no figures; that the target cannot be read is told once. */
function sampleText({ target, atMs, report, points }: SampleSeen, view: TerminalView): string | undefined {
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

function endOf(run: Run): {
  run: string;
  outcome: 'finished' | 'lost';
  durationMs: number;
  numRequests: number | undefined;
  numFailures: number | undefined;
} {
  const { atMs, outcome } = run.ended ?? { atMs: run.lastGoodAtMs, outcome: 'lost' };
  const { numRequests, numFailures } = run.total;
  return { run: run.id, outcome, durationMs: atMs - run.startedAtMs, numRequests, numFailures };
}

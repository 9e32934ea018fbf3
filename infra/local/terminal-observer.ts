import type { Observer, SampleSeen } from '../../lambda/collector/observer.ts';
import type { Run } from '../../lambda/runs/run.ts';
import type { Clock } from '../../lambda/runtime/clock.ts';
import type { TerminalView } from './terminal.ts';

/** Shows on a terminal what the collector sees. @param print takes one line or more, without the last line break */
export function createTerminalObserver(options: {
  readonly view: TerminalView;
  readonly clock: Clock;
  readonly print: (text: string) => void;
}): Observer {
  const { view, clock, print } = options;
  return {
    sampled(sample) {
      const text = sampleText(sample, view);
      if (text !== undefined) print(text);
    },
    changed({ target, atMs, stateBefore, state, failure, runStarted, runEnded }) {
      if (runEnded !== undefined) print(view.runEnded({ atMs, target, ...endOf(runEnded) }));
      if (failure !== undefined) print(view.unreachable({ atMs, target, ...failure }));
      else if (runStarted !== undefined) print(view.runStarted({ atMs, target, run: runStarted.id }));
      else if (runEnded === undefined && stateBefore !== state)
        print(view.reachable({ atMs, target, state: state ?? '' }));
    },
    unfit: ({ id, problem }) => {
      print(view.problem({ atMs: clock.now(), text: `the target ${id} is left out: ${problem}` }));
    },
    notDelivered: ({ outcome, lines, status, reason }) => {
      print(view.deliveryTrouble({ atMs: clock.now(), outcome, status, reason: reason ?? '', points: lines }));
    },
    platformFailed: ({ doing, error }) => {
      const reason = error instanceof Error ? error.message : String(error);
      print(view.problem({ atMs: clock.now(), text: `failed ${doing}: ${reason}` }));
    },
  };
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

import type { Runs } from '../registry/runs.ts';
import type { Targets } from '../registry/targets.ts';
import type { RecordingObserver } from './recording-observer.ts';

/** What becomes of samples in the course of one window, or of one call. */
export interface RecordingCounts {
  /** Answers of targets that are in no run. */
  looks: number;
  /** Attempts made during runs, failed ones too. */
  samples: number;
  /** Of the samples, those that brought no report. */
  samplesFailed: number;
  /** Times that something besides targets and InfluxDB failed. */
  platformFailures: number;
}

/** What recording a sample needs. */
export interface RecordingContext {
  readonly ports: {
    readonly targets: Pick<Targets, 'writeStatus'>;
    readonly runs: Runs;
    readonly observer: RecordingObserver;
  };
  /** Takes the lines of a sample; who records does not wait for them. */
  readonly outbox: { add(lines: readonly string[]): void };
  readonly summary: RecordingCounts;
}

/** Enough to tell of a failure. */
export interface FailureContext {
  readonly ports: { readonly observer: Pick<RecordingObserver, 'platformFailed'> };
  readonly summary: Pick<RecordingCounts, 'platformFailures'>;
}

/** Does something that may fail without harm to the samples: tells of the failure and gives undefined. */
export async function attempt<Result>(
  context: FailureContext,
  doing: string,
  action: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await action();
  } catch (error) {
    tellPlatformFailure(context, doing, error);
    return undefined;
  }
}

/** Counts and tells a failure of something besides targets and InfluxDB. */
export function tellPlatformFailure({ ports, summary }: FailureContext, doing: string, error: unknown): void {
  summary.platformFailures += 1;
  ports.observer.platformFailed?.({ doing, error });
}

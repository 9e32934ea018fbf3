import type { Lines } from '../influx/lines.ts';
import type { RunRecords } from '../runs/records/runs.ts';
import type { Targets } from '../targets/targets.ts';
import type { RecordingObserver } from './recording-observer.ts';
import type { FillingLimit } from './unseen/limit-filled.ts';

/** What becomes of samples in the course of one window, or of one call. */
export interface RecordingCounts {
  /** Good scrapes of targets that are in no run. */
  looks: number;
  /** Scrapes made during runs, failed ones too. */
  samples: number;
  /** Of the samples, those that brought no report. */
  samplesFailed: number;
  /** Times that something besides targets and InfluxDB failed. */
  platformFailures: number;
}

/** What recording a scrape needs. */
export interface RecordingContext {
  readonly ports: {
    readonly targets: Pick<Targets, 'writeStatus'>;
    readonly runs: RunRecords;
    readonly observer: RecordingObserver;
  };
  /** Takes the lines of a scrape; who records does not wait for them. */
  readonly outbox: {
    add(lines: Lines): void;
    /** Takes lines of points that were written before: they are stored after those. */
    addOver(lines: Lines): void;
  };
  readonly summary: RecordingCounts;
  /** What may still be filled in of times that nobody saw; undefined where Locust's page is not read. */
  readonly filling?: FillingLimit;
}

/** Enough to report a failure. */
export interface FailureContext {
  readonly ports: { readonly observer: Pick<RecordingObserver, 'platformFailed'> };
  readonly summary: Pick<RecordingCounts, 'platformFailures'>;
}

/** Does something that may fail without harm to the samples: reports the failure and gives undefined. */
export async function attempt<Result>(
  context: FailureContext,
  doing: string,
  action: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await action();
  } catch (error) {
    reportPlatformFailure(context, doing, error);
    return undefined;
  }
}

/** Counts and reports a failure of something besides targets and InfluxDB. */
export function reportPlatformFailure({ ports, summary }: FailureContext, doing: string, error: unknown): void {
  summary.platformFailures += 1;
  ports.observer.platformFailed?.({ doing, error });
}

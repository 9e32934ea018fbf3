import type { AddressPolicy } from '../locust/network/address-policy.ts';
import type { DeadLetters } from '../influx/spool/dead-letters.ts';
import type { Breaker } from '../influx/delivery/breaker.ts';
import type { InfluxWriter } from '../influx/delivery/influx-writer.ts';
import type { SpoolStore } from '../influx/spool/spool-store.ts';
import type { NotWritten } from '../influx/delivery/write-answer.ts';
import type { LocustClient } from '../locust/fetch/fetch-report.ts';
import type { TargetEdits } from '../targets/edit-targets.ts';
import type { RecordingObserver } from '../recording/recording-observer.ts';
import type { CountOwned } from '../targets/count-owned.ts';
import type { ListTargets } from '../targets/list-targets.ts';
import type { ListNewestRuns } from '../runs/records/newest-runs.ts';
import type { RunEdits } from '../runs/records/run-edits.ts';
import type { RunHistory } from '../runs/records/run-history.ts';
import type { RunRecords } from '../runs/records/runs.ts';
import type { Targets } from '../targets/targets.ts';
import type { Windows } from '../windows/last-windows.ts';
import type { CpuMeter } from '../locust/fetch/cpu-budget.ts';
import type { Clock } from '../runtime/clock.ts';
import type { TargetSecretsStore } from '../runtime/target-secrets.ts';
import type { RoleOf } from './http/tokens.ts';

/** A file of the page: what is served at one path. */
export interface Asset {
  /** With the charset, where it is text. */
  readonly contentType: string;
  readonly body: string | Uint8Array<ArrayBuffer>;
}

/** Something that failed without the caller having done wrong. */
export interface ApiFailure {
  /** `a request`, `removing old secrets`. */
  readonly doing: string;
  readonly error: unknown;
  /** The occurrence that the answer names, to be found in the log. */
  readonly instance?: string;
  readonly method?: string;
  /** Without the query, which may hold anything. */
  readonly path?: string;
  readonly target?: string;
  /** Lines that InfluxDB did not take, where that is what failed. */
  readonly undelivered?: { readonly lines: number; readonly answer: NotWritten };
}

/** Where reports go that Locusts send. */
export interface ReportDelivery {
  /** Opened for one report, and closed after it: what is kept over a freeze is dead. */
  openInflux(): InfluxWriter;
  /** Where lines are kept that InfluxDB does not take; without one such a report is answered with 503. */
  readonly spoolStore: SpoolStore | undefined;
  /** Remembers from report to report that InfluxDB is down. */
  readonly breaker: Breaker;
  /** What measures the CPU that reading reports costs; default that of this thread. */
  readonly meter?: CpuMeter;
  /** Failures go to the API's own log instead. */
  readonly observer: Pick<RecordingObserver, 'sampled' | 'changed'>;
}

/** What the admin API works with. */
export interface ApiPorts {
  readonly clock: Clock;
  readonly edits: TargetEdits;
  readonly listTargets: ListTargets;
  readonly countOwned: CountOwned;
  readonly runs: RunRecords;
  readonly targets: Pick<Targets, 'writeStatus'>;
  readonly history: RunHistory;
  readonly runEdits: RunEdits;
  readonly listNewestRuns: ListNewestRuns;
  readonly windows: Pick<Windows, 'last'>;
  /** Points that InfluxDB refused; without them there is nothing at /v1/dead-letters. */
  readonly deadLetters?: DeadLetters;
  /** Without it there is nothing at /v1/targets/{id}/reports. */
  readonly reports?: ReportDelivery | undefined;
  readonly secrets: TargetSecretsStore;
  /** For how long a call may wait for a run's end, ms: 0 where each waiting call would hold an execution of its own. */
  readonly longestWaitMs: number;
  /** Asks the collector to see soon which targets there are, where it does not sample now. Rejects when it cannot be asked. */
  wakeCollector(): Promise<void>;
  readonly roleOf: RoleOf;
  readonly addressPolicy: AddressPolicy;
  /** All addresses of a name; rejects when there is none. */
  resolve(name: string): Promise<readonly string[]>;
  /** Opened for one request, and closed after it. */
  openLocust(): Pick<LocustClient, 'fetchReport' | 'close'>;
  /** The page by path: `/`, `/console.js`, … */
  readonly assets: ReadonlyMap<string, Asset>;
  failed(failure: ApiFailure): void;
}

import type { AddressPolicy } from '../locust/address-policy.ts';
import type { DeadLetters } from '../influx/dead-letters.ts';
import type { Breaker } from '../influx/breaker.ts';
import type { Deliverer } from '../influx/deliver.ts';
import type { SpoolStore } from '../influx/spool-store.ts';
import type { WriteAnswer } from '../influx/write-answer.ts';
import type { LocustClient } from '../locust/fetch-report.ts';
import type { TargetEdits } from '../registry/edit-targets.ts';
import type { RecordingObserver } from '../recording/recording-observer.ts';
import type { ListTargets } from '../registry/list-targets.ts';
import type { RunHistory } from '../registry/run-history.ts';
import type { RunRecords } from '../registry/runs.ts';
import type { Targets } from '../registry/targets.ts';
import type { Windows } from '../registry/windows.ts';
import type { Clock } from '../runtime/clock.ts';
import type { TargetSecretsStore } from '../runtime/target-secrets.ts';
import type { RoleOf } from './tokens.ts';

/** A file of the page: what is served at one path. */
export interface Asset {
  /** With the charset, where it is text. */
  readonly contentType: string;
  readonly body: string | Uint8Array<ArrayBuffer>;
}

/** Something that failed without the caller having done wrong. */
export interface AdminFailure {
  /** `a request`, `removing old secrets`. */
  readonly doing: string;
  readonly error: unknown;
  /** What the answer tells the caller to ask for. */
  readonly instance?: string;
  readonly method?: string;
  /** Without the query, which may hold anything. */
  readonly path?: string;
  readonly target?: string;
  /** Lines that InfluxDB did not take, where that is what failed. */
  readonly undelivered?: { readonly lines: number; readonly answer: WriteAnswer };
}

/** Where reports go that Locusts send. */
export interface ReportDelivery {
  /** Opened for one report, and closed after it: what is kept over a freeze is dead. */
  openInflux(): Deliverer;
  /** Where lines are kept that InfluxDB does not take; without one such a report is answered with 503. */
  readonly spoolStore: SpoolStore | undefined;
  /** Remembers from report to report that InfluxDB is down. */
  readonly breaker: Breaker;
  /** Of failures the API's own log is told. */
  readonly observer: Pick<RecordingObserver, 'sampled' | 'changed'>;
}

/** What the admin API works with. */
export interface AdminPorts {
  readonly clock: Clock;
  readonly edits: TargetEdits;
  readonly listTargets: ListTargets;
  readonly runs: RunRecords;
  readonly targets: Pick<Targets, 'writeStatus'>;
  readonly history: RunHistory;
  readonly windows: Pick<Windows, 'last'>;
  /** Points that InfluxDB refused; without them there is nothing at /v1/dead-letters. */
  readonly deadLetters?: DeadLetters;
  /** Without it there is nothing at /v1/targets/{id}/reports. */
  readonly reports?: ReportDelivery | undefined;
  readonly secrets: TargetSecretsStore;
  readonly roleOf: RoleOf;
  readonly addressPolicy: AddressPolicy;
  /** All addresses of a name; rejects when there is none. */
  resolve(name: string): Promise<readonly string[]>;
  /** Opened for one request, and closed after it. */
  openLocust(): LocustClient;
  /** The page by path: `/`, `/console.js`, … */
  readonly assets: ReadonlyMap<string, Asset>;
  failed(failure: AdminFailure): void;
}

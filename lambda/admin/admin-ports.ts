import type { AddressPolicy } from '../locust/address-policy.ts';
import type { DeadLetters } from '../influx/dead-letters.ts';
import type { LocustClient } from '../locust/fetch-report.ts';
import type { TargetEdits } from '../registry/edit-targets.ts';
import type { ListTargets } from '../registry/list-targets.ts';
import type { RunHistory } from '../registry/run-history.ts';
import type { Runs } from '../registry/runs.ts';
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
}

/** What the admin API works with. */
export interface AdminPorts {
  readonly clock: Clock;
  readonly edits: TargetEdits;
  readonly listTargets: ListTargets;
  readonly runs: Pick<Runs, 'read' | 'save'>;
  readonly history: RunHistory;
  /** Points that InfluxDB refused; without them there is nothing at /v1/dead-letters. */
  readonly deadLetters?: DeadLetters;
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

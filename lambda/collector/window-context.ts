import type { Deliverer } from '../influx/deliver.ts';
import type { SpoolStore } from '../influx/spool-store.ts';
import type { LocustClient } from '../locust/fetch-report.ts';
import type { Runs } from '../registry/runs.ts';
import type { Target } from '../registry/target.ts';
import type { Targets } from '../registry/targets.ts';
import type { Windows } from '../registry/windows.ts';
import type { Clock } from '../runtime/clock.ts';
import type { TargetSecrets } from '../runtime/secrets.ts';
import type { CollectorMemory } from './collector-memory.ts';
import type { LineOutbox } from './line-outbox.ts';
import type { Observer } from './observer.ts';
import type { WindowSummary } from './summary.ts';
import type { Wake } from './wake.ts';

/** What a collector works with. Clients that hold sockets are opened anew for each window: one kept over a freeze is dead. */
export interface CollectorPorts {
  readonly clock: Clock;
  readonly targets: Targets;
  readonly runs: Runs;
  /** Where a scheduled window puts itself on record, for whoever asks whether the collector is alive. */
  readonly windows?: Pick<Windows, 'save'>;
  readonly wake: Wake;
  readonly observer: Observer;
  /** The credentials and header values of a target that has some. */
  secretsOf(target: Target): Promise<TargetSecrets>;
  openLocust(): LocustClient;
  openInflux(): Deliverer;
  /** Where lines are kept that InfluxDB does not take; without one they stay in memory to the window's end. */
  readonly spoolStore?: SpoolStore | undefined;
  /** A random number from 0 to below 1, for the pauses between tries; default Math.random. */
  readonly jitter?: () => number;
}

/** What the parts of one window share. */
export interface WindowContext {
  readonly ports: CollectorPorts;
  readonly locust: LocustClient;
  readonly outbox: LineOutbox;
  readonly summary: WindowSummary;
  readonly memory: CollectorMemory;
  /** No attempt may last beyond this instant, ms. */
  readonly fetchesEndMs: number;
  /** When aborted, the window samples no further instant and ends cleanly. */
  readonly stop: AbortSignal | undefined;
}

import type { InfluxWriter } from '../influx/delivery/influx-writer.ts';
import type { SpoolStore } from '../influx/spool/spool-store.ts';
import type { LocustClient } from '../locust/fetch/fetch-report.ts';
import type { RunRecords } from '../runs/records/runs.ts';
import type { FillingLimit } from '../recording/unseen/limit-filled.ts';
import type { Target } from '../targets/target.ts';
import type { Targets } from '../targets/targets.ts';
import type { Claims } from '../windows/claims.ts';
import type { Windows } from '../windows/last-windows.ts';
import type { Clock } from '../runtime/clock.ts';
import type { TargetSecrets } from '../runtime/secrets.ts';
import type { CollectorMemory } from './collector-memory.ts';
import type { ShardHold } from './hand-over/hold-shard.ts';
import type { UnprovenInstants } from './hand-over/unproven-instants.ts';
import type { LineOutbox } from './outbox/line-outbox.ts';
import type { Observer } from './window-figures/observer.ts';
import type { WindowSummary } from './window-figures/summary.ts';
import type { Wake } from './wake.ts';

/** What a collector works with. Each window opens its own clients that hold sockets: one kept over a freeze is dead. */
export interface CollectorPorts {
  readonly clock: Clock;
  readonly targets: Targets;
  readonly runs: RunRecords;
  /** Where a scheduled window puts itself on record, so that `/v1/health` can say whether the collector is alive. */
  readonly windows?: Pick<Windows, 'save'>;
  /** Where windows say which of them has a shard; undefined in tests of one window, which then ends with its own minute. */
  readonly claims: Claims | undefined;
  readonly wake: Wake;
  readonly observer: Observer;
  /** The credentials and header values of a target that has some. */
  secretsOf(target: Target): Promise<TargetSecrets>;
  openLocust(): LocustClient;
  openInflux(): InfluxWriter;
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
  /** What is counted as missed once it is proven. */
  readonly unproven: UnprovenInstants;
  readonly filling: FillingLimit;
  readonly memory: CollectorMemory;
  /** The window's part in its shard; undefined where windows do not hand over. */
  readonly hold: ShardHold | undefined;
  /** No scrape may last beyond this instant, ms. */
  readonly fetchesEndAtMs: number;
  /** When aborted, the window samples no further instant and ends cleanly. */
  readonly stop: AbortSignal | undefined;
}

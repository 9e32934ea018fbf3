import { createDeadLetters } from '../influx/dead-letters.ts';
import type { Deliverer } from '../influx/deliver.ts';
import { createSafeDelivery, isDenied } from '../influx/deliver-or-keep.ts';
import type { SafeDelivery } from '../influx/deliver-or-keep.ts';
import { createSpoolDrain } from '../influx/drain-spool.ts';
import type { SpoolDrain, SpoolDrainParts } from '../influx/drain-spool.ts';
import type { DeliveryTrouble } from '../influx/keep-lines.ts';
import { createSpool } from '../influx/spool.ts';
import type { CollectorMemory } from './collector-memory.ts';
import { createLineOutbox } from './line-outbox.ts';
import type { LineOutbox } from './line-outbox.ts';
import type { WindowSummary } from './summary.ts';
import { tellPlatformFailure } from '../recording/recording-context.ts';
import type { CollectorPorts } from './window-context.ts';

export interface OutboxOptions {
  readonly ports: CollectorPorts;
  readonly memory: CollectorMemory;
  readonly summary: WindowSummary;
  readonly deliverer: Deliverer;
  readonly endMs: number;
  /** When aborted, the collector is to end soon. */
  readonly stop?: AbortSignal | undefined;
}

/** The way of one window's lines to InfluxDB, and of those that wait. */
export interface OpenOutbox {
  readonly outbox: LineOutbox;
  /** The same way for lines that are none of the targets'; nothing counts them. */
  readonly delivery: SafeDelivery;
  /** Undefined where nothing is kept. */
  readonly drain: SpoolDrain | undefined;
}

export function openOutbox(options: OutboxOptions): OpenOutbox {
  const { ports, memory, summary, deliverer, endMs, stop } = options;
  const { clock, spoolStore: store, jitter } = ports;
  const { breaker } = memory;
  const spool = store && createSpool(store);
  const deadLetters = store && createDeadLetters(store);
  const keeping = spool && deadLetters && { spool, deadLetters };
  const told = (trouble: DeliveryTrouble): void => {
    tell(trouble, options);
  };
  const parts = { deliverer, keeping, breaker, clock, told, ...(jitter !== undefined && { jitter }) };
  const delivery = createSafeDelivery(parts);
  const live = new Set<Promise<unknown>>();
  const whenFree = async (): Promise<void> => {
    while (live.size > 0) await Promise.all(live);
  };
  const drain = spool && openDrain({ spool, delivery, whenFree }, options);
  const counted: SafeDelivery = {
    ...delivery,
    deliver(lines, untilMs) {
      const delivering = delivery.deliver(lines, untilMs).finally(() => live.delete(delivering));
      live.add(delivering);
      return delivering;
    },
  };
  const lost = (lines: number): void => ports.observer.pointsLost?.(lines);
  const outbox = createLineOutbox({ delivery: counted, drain, clock, summary, endMs, breaker, lost, stop });
  return { outbox, delivery, drain };
}

function openDrain(
  parts: Pick<SpoolDrainParts, 'spool' | 'delivery' | 'whenFree'>,
  { ports, summary }: OutboxOptions,
): SpoolDrain {
  return createSpoolDrain({
    ...parts,
    clock: ports.clock,
    replayed({ delivered, rejected }) {
      summary.pointsReplayed += delivered;
      summary.pointsRejected += rejected;
    },
    failed(doing, error) {
      tellPlatformFailure({ ports, summary }, doing, error);
    },
  });
}

function tell(trouble: DeliveryTrouble, { ports, summary }: OutboxOptions): void {
  const { answer, lines, error } = trouble;
  if (isDenied(trouble)) summary.deniedDeliveries += 1;
  if (answer === undefined) tellPlatformFailure({ ports, summary }, `keeping ${lines} lines`, error);
  else if (answer.outcome !== 'delivered') {
    const { outcome, status, reason } = answer;
    ports.observer.notDelivered?.({ outcome, lines, status, reason });
  }
}

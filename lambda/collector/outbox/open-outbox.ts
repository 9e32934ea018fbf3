import { createDelivery, isDenied } from '../../influx/delivery/delivery.ts';
import type { Delivery, DeliveryTrouble } from '../../influx/delivery/delivery.ts';
import type { InfluxWriter } from '../../influx/delivery/influx-writer.ts';
import { createDeadLetters } from '../../influx/spool/dead-letters.ts';
import { createSpoolDrain } from '../../influx/spool/drain-spool.ts';
import type { SpoolDrain, SpoolDrainParts } from '../../influx/spool/drain-spool.ts';
import { createSpool } from '../../influx/spool/spool.ts';
import type { CollectorMemory } from '../collector-memory.ts';
import { createLineOutbox } from './line-outbox.ts';
import type { LineOutbox } from './line-outbox.ts';
import type { WindowSummary } from '../window-figures/summary.ts';
import { reportPlatformFailure } from '../../recording/recording-context.ts';
import type { CollectorPorts } from '../window-context.ts';

export interface OutboxOptions {
  readonly ports: CollectorPorts;
  readonly memory: CollectorMemory;
  readonly summary: WindowSummary;
  readonly writer: InfluxWriter;
  /** The window's end, ms. */
  readonly endAtMs: number;
  /** When aborted, the collector is to end soon. */
  readonly stop?: AbortSignal | undefined;
}

/** The way of one window's lines to InfluxDB, and of those that wait. */
export interface OpenOutbox {
  readonly outbox: LineOutbox;
  /** The same way for lines that are none of the targets'; nothing counts them. */
  readonly delivery: Delivery;
  /** Undefined where nothing is kept. */
  readonly drain: SpoolDrain | undefined;
}

export function openOutbox(options: OutboxOptions): OpenOutbox {
  const { ports, memory, summary, writer, endAtMs, stop } = options;
  const { clock, spoolStore: store, jitter } = ports;
  const { breaker } = memory;
  const spool = store && createSpool(store);
  const keeping = store && spool && { spool, deadLetters: createDeadLetters(store) };
  const onTrouble = (trouble: DeliveryTrouble): void => {
    observeTrouble(trouble, options);
  };
  const parts = { writer, keeping, breaker, clock, onTrouble, ...(jitter !== undefined && { jitter }) };
  const delivery = createDelivery(parts);
  const live = new Set<Promise<unknown>>();
  const whenFree = async (): Promise<void> => {
    while (live.size > 0) await Promise.all(live);
  };
  const drain = spool && openDrain({ spool, delivery, whenFree }, options);
  const counted: Delivery = {
    ...delivery,
    deliver(lines, untilMs) {
      const delivering = delivery.deliver(lines, untilMs).finally(() => live.delete(delivering));
      live.add(delivering);
      return delivering;
    },
  };
  const onLost = (lines: number): void => ports.observer.pointsLost?.(lines);
  const outbox = createLineOutbox({ delivery: counted, drain, clock, summary, endAtMs, breaker, onLost, stop });
  return { outbox, delivery, drain };
}

function openDrain(
  parts: Pick<SpoolDrainParts, 'spool' | 'delivery' | 'whenFree'>,
  { ports, summary }: OutboxOptions,
): SpoolDrain {
  return createSpoolDrain({
    ...parts,
    clock: ports.clock,
    onReplayed({ delivered, rejected }) {
      summary.pointsReplayed += delivered;
      summary.pointsRejected += rejected;
    },
    onFailure(doing, error) {
      reportPlatformFailure({ ports, summary }, doing, error);
    },
  });
}

function observeTrouble(trouble: DeliveryTrouble, { ports, summary }: OutboxOptions): void {
  const { lines } = trouble;
  if (isDenied(trouble)) summary.deniedDeliveries += 1;
  if (trouble.kind === 'not-kept') {
    reportPlatformFailure({ ports, summary }, `keeping ${lines} lines, which wait in memory for now`, trouble.error);
    return;
  }
  const { outcome, status, reason, isTlsTrouble = false } = trouble.answer;
  ports.observer.notDelivered?.({ outcome, lines, status, reason, ...(isTlsTrouble && { isTlsTrouble }) });
}

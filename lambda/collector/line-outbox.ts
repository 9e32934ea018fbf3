import type { DeliveryProblem } from './observer.ts';
import type { WindowSummary } from './summary.ts';
import type { Deliverer } from '../influx/deliver.ts';

/** Lines on their way to InfluxDB: gathered from many targets, sent together, never awaited by a sample. */
export interface LineOutbox {
  add(lines: readonly string[]): void;
  /** Sends what has gathered, in the background. */
  flush(): void;
  /** Sends the rest and waits until every delivery has ended. */
  finish(): Promise<void>;
}

/** At the size of one request a delivery need not wait for its instant's other targets. */
const fullAtLines = 5_000;

export function createLineOutbox(options: {
  deliverer: Deliverer;
  summary: WindowSummary;
  notDelivered: (problem: DeliveryProblem) => void;
}): LineOutbox {
  const { deliverer, summary, notDelivered } = options;
  let waiting: string[] = [];
  const underWay = new Set<Promise<void>>();

  const send = async (lines: readonly string[]): Promise<void> => {
    for (const chunk of await deliverer.deliver(lines)) {
      if (chunk.outcome === 'delivered') {
        summary.pointsDelivered += chunk.lines.length;
        continue;
      }
      if (chunk.outcome === 'rejected') summary.pointsRejected += chunk.lines.length;
      else summary.pointsWaiting += chunk.lines.length;
      const { outcome, status, reason } = chunk;
      notDelivered({ outcome, lines: chunk.lines.length, status, reason });
    }
  };

  const flush = (): void => {
    if (waiting.length === 0) return;
    const delivery = send(waiting).finally(() => underWay.delete(delivery));
    underWay.add(delivery);
    waiting = [];
  };

  return {
    add(lines) {
      for (const line of lines) waiting.push(line);
      if (waiting.length >= fullAtLines) flush();
    },
    flush,
    async finish() {
      flush();
      await Promise.all(underWay);
    },
  };
}

import type { Delivery } from '../../influx/delivery/delivery.ts';
import { toLines } from '../../influx/lines.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { CollectorMemory } from '../collector-memory.ts';
import type { WindowSummary } from './summary.ts';
import { windowLine } from './window-line.ts';

/** A try or two: every line of the targets is seen to, and the next window begins. */
const limitMs = 1_000;

/**
 * Stores how a window went beside what it collected, in one line of its own, once everything else is delivered or kept:
 * what the line says is final. It takes the way of all lines, so that it waits in the spool while InfluxDB is down.
 * It counts itself nowhere, but as rejected when it is. Nothing is written for a window that had nothing to report, so
 * that InfluxDB may sleep while no test runs. Never rejects.
 *
 * Lines are lost where this one cannot be stored either: the next window that can reports them.
 * @param window.instantMs the instant that the window was scheduled for, ms
 */
export async function storeFigures(
  window: { readonly instantMs: number; readonly summary: WindowSummary },
  parts: { readonly delivery: Delivery; readonly memory: CollectorMemory; readonly clock: Clock },
): Promise<void> {
  const { summary, instantMs } = window;
  const { delivery, memory, clock } = parts;
  const pointsLost = summary.pointsLost + memory.untold.pointsLost;
  memory.untold.pointsLost = pointsLost;
  if (!isWorthTelling(summary, pointsLost)) return;
  const line = windowLine({ ...summary, pointsLost }, instantMs);
  const { rejected, unkept } = await delivery.deliver(toLines([line]), clock.now() + limitMs);
  summary.pointsRejected += rejected;
  if (unkept.count === 0) memory.untold.pointsLost -= pointsLost;
}

function isWorthTelling(summary: WindowSummary, pointsLost: number): boolean {
  const { samples, pointsReplayed, pointsWaiting, pointsRejected, waiting } = summary;
  return samples + pointsReplayed + pointsWaiting + pointsRejected + pointsLost + (waiting?.entries ?? 0) > 0;
}

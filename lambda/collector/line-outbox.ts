import type { DeliveryFate, SafeDelivery } from '../influx/deliver-or-keep.ts';
import type { SpoolDrain } from '../influx/drain-spool.ts';
import type { Clock } from '../runtime/clock.ts';
import type { WindowSummary } from './summary.ts';
import { createUnkeptLines } from './unkept-lines.ts';
import type { UnkeptLines } from './unkept-lines.ts';

/** Lines on their way to InfluxDB: gathered from many targets, sent together, never awaited by a sample. */
export interface LineOutbox {
  add(lines: readonly string[]): void;
  /** Sends what has gathered, in the background. */
  flush(): void;
  /** An instant has come: what could neither be delivered nor kept is tried again. @param nextMs the next instant, ms */
  beginInstant(nextMs: number): void;
  /** Sends the rest, and waits until every line is stored, kept or given up. */
  finish(): Promise<void>;
}

/** At the size of one request a delivery need not wait for its instant's other targets. */
const fullAtLines = 5_000;
/** Half of the default interval between samples. */
const deliveryMs = 5_000;
/** The spool is emptied until so long before the next instant, whose lines go first. */
const drainReserveMs = 1_000;
/** The last lines of a window get at least this long, though the next window begins: time for a try or two. */
const lastDeliveryMs = 500;

/** Whoever stops the collector does not wait longer for lines that can neither be delivered nor kept. */
const stoppedMs = 5_000;
/** A window that has done its work stays to its end for lines that could not be kept, and tries them so far apart. */
const lastPauseMs = 1_000;

export interface OutboxParts {
  readonly delivery: SafeDelivery;
  /** Undefined where nothing is kept. */
  readonly drain: SpoolDrain | undefined;
  readonly clock: Clock;
  readonly summary: WindowSummary;
  /** The window's end, ms. */
  readonly endMs: number;
  readonly breaker: { allowProbe(): void };
  /** When aborted, the collector is to end soon. */
  readonly stop?: AbortSignal | undefined;
  /** Told of lines that are given up; they are counted already. */
  readonly lost: (lines: number) => void;
}

export function createLineOutbox(parts: OutboxParts): LineOutbox {
  const { delivery, drain, clock, endMs } = parts;
  const unkept = createUnkeptLines(parts);
  const underWay = new Set<Promise<void>>();
  let waiting: string[] = [];
  let nextInstantMs = endMs;

  const send = async (lines: readonly string[]): Promise<void> => {
    const nowMs = clock.now();
    const untilMs = Math.max(nowMs + lastDeliveryMs, Math.min(nowMs + deliveryMs, endMs));
    const fate = await delivery.deliver(lines, untilMs);
    count(fate, parts.summary);
    unkept.hold(fate.unkept);
    if (fate.spooled > 0) drain?.spooled();
    if (fate.delivered > 0) void drain?.run(nextInstantMs - drainReserveMs);
  };
  const flush = (): void => {
    if (waiting.length === 0) return;
    const sending = send(waiting).finally(() => underWay.delete(sending));
    underWay.add(sending);
    waiting = [];
  };

  return {
    add(lines) {
      for (const line of lines) waiting.push(line);
      if (waiting.length >= fullAtLines) flush();
    },
    flush,
    beginInstant(nextMs) {
      nextInstantMs = nextMs;
      parts.breaker.allowProbe();
      waiting = [...unkept.take(), ...waiting];
    },
    async finish() {
      flush();
      await Promise.all(underWay);
      await keepOrLose(unkept, send, parts);
      await drain?.stop();
    },
  };
}

/** Tries to the window's end; what then is neither delivered nor kept is lost. */
async function keepOrLose(
  unkept: UnkeptLines,
  send: (lines: readonly string[]) => Promise<void>,
  { clock, breaker, endMs, stop }: OutboxParts,
): Promise<void> {
  const beganMs = clock.now();
  const untilMs = (): number => (stop?.aborted === true ? Math.min(endMs, beganMs + stoppedMs) : endMs);
  while (unkept.count() > 0 && clock.now() + lastPauseMs < untilMs()) {
    await clock.sleepUntil(clock.now() + lastPauseMs);
    breaker.allowProbe();
    await send(unkept.take());
  }
  unkept.lose();
}

function count(fate: DeliveryFate, summary: WindowSummary): void {
  summary.pointsDelivered += fate.delivered;
  summary.pointsWaiting += fate.spooled;
  summary.pointsRejected += fate.rejected;
}

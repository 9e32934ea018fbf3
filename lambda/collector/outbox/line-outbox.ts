import type { Delivery, DeliveryResult } from '../../influx/delivery/delivery.ts';
import { joinLines, maxLinesPerRequest, splitLines } from '../../influx/lines.ts';
import type { Lines } from '../../influx/lines.ts';
import type { SpoolDrain } from '../../influx/spool/drain-spool.ts';
import { countDown } from '../../runtime/clock.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { WindowSummary } from '../window-figures/summary.ts';
import { holdUnkept } from './unkept-lines.ts';
import type { UnkeptLines } from './unkept-lines.ts';

/** Lines on their way to InfluxDB: gathered from many targets, sent together, never awaited by a sample. */
export interface LineOutbox {
  add(lines: Lines): void;
  /**
   * Takes lines of points that were written before, with what is right now. Where older lines wait, they wait behind
   * them: otherwise the older ones would be stored last.
   */
  addOver(lines: Lines): void;
  /** Sends what has gathered, in the background. */
  flush(): void;
  /** An instant has come: what could neither be delivered nor kept is tried again. @param nextAtMs the next instant */
  beginInstant(nextAtMs: number): void;
  /** Sends what has gathered. @returns whether every line so far is stored or kept */
  settle(): Promise<boolean>;
  /** Sends the rest, and waits until every line is stored, kept or given up. @param latestAtMs then they are given up */
  finish(latestAtMs?: number): Promise<void>;
}

/** Half of the default interval between samples. */
const deliveryTimeoutMs = 5_000;
/** The spool is emptied until so long before the next instant, whose lines go first. */
const drainReserveMs = 1_000;
/** The last lines of a window get at least this long, though the next window begins: time for a try or two. */
const lastDeliveryMs = 500;
/** A stop of the collector does not wait longer for lines that can neither be delivered nor kept. */
const stopTimeoutMs = 5_000;
/** A window that has done its work stays to its end for lines that could not be kept, and tries them so far apart. */
const lastPauseMs = 1_000;

export interface OutboxParts {
  readonly delivery: Delivery;
  /** Undefined where nothing is kept. */
  readonly drain: SpoolDrain | undefined;
  readonly clock: Clock;
  readonly summary: WindowSummary;
  /** The window's end, ms. */
  readonly endAtMs: number;
  readonly breaker: { allowProbe(): void };
  /** When aborted, the collector is to end soon. */
  readonly stop?: AbortSignal | undefined;
  /** Called with the lines that are given up; they are counted already. */
  readonly onLost: (lines: number) => void;
}

export function createLineOutbox(parts: OutboxParts): LineOutbox {
  const { drain, endAtMs } = parts;
  const unkept = holdUnkept(parts);
  let gathered: Lines[] = [];
  let nextInstantAtMs = endAtMs;
  const sending = createSending(parts, unkept, () => nextInstantAtMs);

  const gatheredCount = (): number => gathered.reduce((sum, { count }) => sum + count, 0);
  const flush = (): void => {
    const lines = joinLines(gathered);
    if (lines.count === 0) return;
    gathered = [];
    sending.begin(lines);
  };

  return {
    add(lines) {
      // At the size of one request a delivery need not wait for its instant's other targets.
      let rest = lines;
      while (gatheredCount() + rest.count >= maxLinesPerRequest) {
        const [fitting, beyond] = splitLines(rest, maxLinesPerRequest - gatheredCount());
        gathered.push(fitting);
        flush();
        rest = beyond;
      }
      gathered.push(rest);
    },
    addOver(lines) {
      if (lines.count === 0) return;
      flush();
      sending.beginOver(lines);
    },
    flush,
    beginInstant(nextAtMs) {
      nextInstantAtMs = nextAtMs;
      parts.breaker.allowProbe();
      gathered.unshift(unkept.take());
    },
    async settle() {
      flush();
      await sending.whenDone();
      return unkept.count === 0;
    },
    async finish(latestAtMs = endAtMs) {
      flush();
      await sending.whenDone();
      await keepOrLose(unkept, sending.send, { ...parts, endAtMs: Math.min(endAtMs, latestAtMs) });
      await drain?.stop();
    },
  };
}

/** What is on its way. */
interface Sending {
  /** In the background. */
  begin(lines: Lines): void;
  /** In the background, once all that is on its way has arrived, and behind what waits. */
  beginOver(lines: Lines): void;
  readonly send: (lines: Lines) => Promise<void>;
  whenDone(): Promise<unknown>;
}

function createSending(parts: OutboxParts, unkept: UnkeptLines, nextInstantAtMs: () => number): Sending {
  const { delivery, drain, clock, endAtMs } = parts;
  const underWay = new Set<Promise<void>>();
  const send = async (lines: Lines): Promise<void> => {
    const nowMs = clock.now();
    const untilMs = Math.max(nowMs + lastDeliveryMs, Math.min(nowMs + deliveryTimeoutMs, endAtMs));
    take(await delivery.deliver(lines, untilMs));
  };
  const take = (result: DeliveryResult): void => {
    parts.summary.pointsDelivered += result.delivered;
    parts.summary.pointsWaiting += result.spooled;
    parts.summary.pointsRejected += result.rejected;
    parts.summary.totalsDelivered += result.totals.delivered;
    parts.summary.totalsRejected += result.totals.rejected;
    unkept.hold(result.unkept);
    if (result.spooled > 0) drain?.noteSpooled();
    if (result.delivered > 0) void drain?.run(nextInstantAtMs() - drainReserveMs);
  };
  const track = (work: Promise<void>): void => {
    const sending = work.finally(() => underWay.delete(sending));
    underWay.add(sending);
  };
  const sendOver = async (lines: Lines, before: readonly Promise<void>[]): Promise<void> => {
    await Promise.all(before);
    if (unkept.count > 0) unkept.hold(lines);
    else if (await askWhetherSomeWait(parts)) take(await delivery.keep(lines));
    else await send(lines);
  };

  return {
    send,
    begin(lines) {
      track(send(lines));
    },
    beginOver(lines) {
      track(sendOver(lines, [...underWay]));
    },
    whenDone: () => Promise.all(underWay),
  };
}

/** Whether older lines wait in the spool. A store that does not say may hold some. */
async function askWhetherSomeWait({ drain }: Pick<OutboxParts, 'drain'>): Promise<boolean> {
  return drain !== undefined && (await drain.readTotals())?.entries !== 0;
}

/** Tries to the window's end; what then is neither delivered nor kept is lost. */
async function keepOrLose(
  unkept: UnkeptLines,
  send: (lines: Lines) => Promise<void>,
  { clock, breaker, endAtMs, stop }: OutboxParts,
): Promise<void> {
  const [toEndMs, toStopMs] = [countDown(clock, endAtMs), countDown(clock, clock.now() + stopTimeoutMs)];
  const leftMs = (): number => (stop?.aborted === true ? Math.min(toEndMs(), toStopMs()) : toEndMs());
  while (unkept.count > 0 && lastPauseMs < leftMs()) {
    await clock.sleepUntil(clock.now() + lastPauseMs);
    breaker.allowProbe();
    await send(unkept.take());
  }
  unkept.lose();
}

import { attempt } from '../recording/recording-context.ts';
import type { FailureContext } from '../recording/recording-context.ts';
import { FillingLimit } from '../recording/unseen/limit-filled.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Claims } from '../windows/claims.ts';
import { ShardHold } from './hand-over/hold-shard.ts';
import { UnprovenInstants } from './hand-over/unproven-instants.ts';
import type { CollectorMemory } from './collector-memory.ts';
import { scheduledAt } from './window-input.ts';
import type { WindowInput } from './window-input.ts';
import { limitRegistry } from './limit-registry.ts';
import { openOutbox } from './outbox/open-outbox.ts';
import type { OpenOutbox } from './outbox/open-outbox.ts';
import { checkReportedRuns } from './scrapes/check-reported-runs.ts';
import { readAhead } from './targets/read-ahead.ts';
import { readTargets } from './targets/read-targets.ts';
import type { ReadingTargets, TargetsOfWindow } from './targets/read-targets.ts';
import { sampleWindow } from './sample-window.ts';
import { storeFigures } from './window-figures/store-figures.ts';
import { emptySummary } from './window-figures/summary.ts';
import type { WindowEnd, WindowSummary } from './window-figures/summary.ts';
import { spanOf, windowMs } from './window-span.ts';
import type { Span } from './window-span.ts';
import type { CollectorPorts, WindowContext } from './window-context.ts';

export interface WindowSettings {
  /** A start is seen within so many seconds; 60 means once a window. */
  readonly idleSeconds: number;
  /** Ends windows early, but cleanly. */
  readonly stop?: AbortSignal;
}

/** A fetch ends so long before its window does, so that its lines are delivered before the next one begins. */
const deliveryReserveMs = 500;
/** Reading the spool is billed: while nothing runs, one of so many minutes does. */
const idleSpoolMinutes = 5;
/** While nothing runs, the spool is emptied until so long before the window's end. */
const idleDrainReserveMs = 2_000;

/** One invocation's window. */
interface Window {
  readonly input: WindowInput;
  readonly settings: WindowSettings;
  /** The instant at which the invocation will be killed. */
  readonly deadlineAtMs: number;
  readonly memory: CollectorMemory;
}

/**
 * Collects one window, or what is left of it from an idle poll on.
 * @throws only when the registry cannot be read at all, and has not been read lately
 */
export async function collectWindow(window: Window, ports: CollectorPorts): Promise<WindowSummary> {
  const { input } = window;
  const summary = emptySummary(input);
  const nowMs = ports.clock.now();
  const scheduledAtMs = scheduledAt(input, nowMs);
  const span = spanOf({ scheduledAtMs, kind: input.kind, nowMs });
  if (input.kind === 'scheduled') summary.startLatenessMs = Math.max(0, nowMs - scheduledAtMs);
  if (typeof span === 'string') return endWindow(ports, summary, span);

  const context = openContext({ window, ports, summary, span });
  try {
    let checked = Promise.resolve();
    const targets = await readWhatIsOurs(input, {
      context,
      leaveOut(reported) {
        checked = checkReportedRuns(reported, context);
      },
    });
    if (targets === undefined) {
      await checked;
      return endWindow(ports, summary, 'already-sampled');
    }
    const { shard, shards } = input;
    const { idleSeconds } = window.settings;
    const isIdlePoll = input.kind === 'idle-poll';
    const { watched } = targets;
    const work = { ...targets, span, beganAtMs: nowMs, idleSeconds, isIdlePoll, shard, shards, left: new Map() };
    const end = await sampleWindow(work, context);
    await checked;
    await finishDelivery({ context, end, input, endAtMs: Math.min(span.overAtMs, window.deadlineAtMs) });
    const instantMs = isIdlePoll ? input.pollAtMs : scheduledAtMs;
    await storeFigures({ summary, instantMs }, { ...context, clock: ports.clock });
    summary.end = end;
    if (!isIdlePoll) await putOnRecord(context);
    endWindow(ports, summary, end);
    // Only now: what a window counted and could not report is counted by the next one.
    await context.hold?.confirm(watched.some(({ run }) => run !== undefined));
    return summary;
  } finally {
    context.close();
  }
}

/** The targets to be watched; undefined where another window has the shard. */
async function readWhatIsOurs(
  input: WindowInput,
  { context, leaveOut }: { readonly context: OpenContext; readonly leaveOut: ReadingTargets['leaveOut'] },
): Promise<TargetsOfWindow | undefined> {
  const { hold } = context;
  const isIdlePoll = input.kind === 'idle-poll';
  const standing = await hold?.standing();
  if (standing === 'held') return undefined;
  if (standing === 'hand-over') {
    await readAhead(input, context);
    if ((await hold?.takeOver()) === false) return undefined;
    await hold?.waitForTheOneBefore();
  }
  const targets = await readTargets(input, { isIdlePoll, context, leaveOut });
  const areUnderWay = targets.watched.some(({ run }) => run !== undefined);
  if (!areUnderWay && hold?.hasLeftovers !== true) return targets;
  const isOurs = hold === undefined ? !isIdlePoll : await hold.takeOver();
  return isOurs ? targets : undefined;
}

type OpenContext = WindowContext & Pick<OpenOutbox, 'drain' | 'delivery'> & { close(): void };

function openContext(options: {
  window: Window;
  ports: CollectorPorts;
  summary: WindowSummary;
  span: Span;
}): OpenContext {
  const { window, summary, span } = options;
  const { input, memory, deadlineAtMs } = window;
  const { stop } = window.settings;
  const ports = limitRegistry(options.ports);
  const { clock, claims } = ports;
  const unproven = new UnprovenInstants();
  const missed = (): number => summary.missed + unproven.total;
  const hold = claims && openHold({ input, claims, clock, missed, failures: { ports, summary } });
  const endAtMs = Math.min(hold?.endAtMs ?? span.overAtMs, deadlineAtMs);
  const locust = ports.openLocust();
  const writer = ports.openInflux();
  return {
    ports,
    summary,
    unproven,
    filling: new FillingLimit(),
    memory,
    stop,
    hold,
    locust,
    ...openOutbox({ ports, memory, summary, writer, endAtMs, stop }),
    fetchesEndAtMs: endAtMs - deliveryReserveMs,
    close() {
      locust.close();
      writer.close();
    },
  };
}

function openHold(parts: {
  readonly input: WindowInput;
  readonly claims: Claims;
  readonly clock: Clock;
  readonly missed: () => number;
  readonly failures: FailureContext;
}): ShardHold {
  const { input, ...others } = parts;
  const { kind, shard, shards } = input;
  const scheduledAtMs = scheduledAt(input, parts.clock.now());
  const share = { shard, shards };
  return new ShardHold({ ...others, share, kind, scheduledAtMs });
}

/** Waits until every line is stored or kept, and sees to what waits in the spool. */
async function finishDelivery(window: {
  readonly context: OpenContext;
  readonly end: WindowEnd;
  readonly input: WindowInput;
  readonly endAtMs: number;
}): Promise<void> {
  const { context, end, input, endAtMs } = window;
  const { outbox, drain, ports, summary } = context;
  const isSchedule = input.kind === 'scheduled';
  const minute = Math.floor((input.scheduledAtMs ?? ports.clock.now()) / windowMs);
  if (end === 'idle' && isSchedule && input.shard === 0 && minute % idleSpoolMinutes === 0) {
    await drain?.run(endAtMs - idleDrainReserveMs);
  }
  await outbox.finish(endAtMs);
  const mayHaveChanged = summary.pointsWaiting > 0 || (end !== 'idle' && isSchedule);
  const waiting = drain?.knownTotals() ?? (mayHaveChanged ? await drain?.readTotals() : undefined);
  if (waiting !== undefined) summary.waiting = waiting;
}

/** For `/v1/health`; idle polls are not worth a write each. */
async function putOnRecord(context: WindowContext): Promise<void> {
  const { ports, summary } = context;
  await attempt(context, 'putting the window on record', async () => ports.windows?.save(summary, ports.clock.now()));
}

function endWindow(ports: CollectorPorts, summary: WindowSummary, end: WindowEnd): WindowSummary {
  summary.end = end;
  ports.observer.windowEnded?.(summary);
  return summary;
}

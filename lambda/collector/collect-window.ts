import { attempt } from '../recording/recording-context.ts';
import type { CollectorMemory } from './collector-memory.ts';
import type { WindowInput } from './input.ts';
import { limitRegistry } from './limit-registry.ts';
import { openOutbox } from './open-outbox.ts';
import type { OpenOutbox } from './open-outbox.ts';
import { readTargets } from './read-targets.ts';
import { sampleWindow } from './sample-window.ts';
import { storeFigures } from './store-figures.ts';
import { emptySummary } from './summary.ts';
import type { WindowEnd, WindowSummary } from './summary.ts';
import { spanOf, windowMs } from './window.ts';
import type { CollectorPorts, WindowContext } from './window-context.ts';

export interface WindowSettings {
  /** A start is seen within so many seconds; 60 means once a window. */
  readonly idleSeconds: number;
  /** Ends windows early, but cleanly. */
  readonly stop?: AbortSignal;
}

/** A fetch ends so long before its window does, so that its lines are delivered before the next one begins. */
const deliveryReserveMs = 500;
/** A look into the spool is billed: while nothing runs, one of so many windows takes it. */
const idleSpoolMinutes = 5;
/** While nothing runs, the spool is emptied until so long before the window's end. */
const idleDrainReserveMs = 2_000;

/**
 * Collects one window, or what a look leaves of it.
 * @param window.deadlineMs the instant at which the invocation will be killed, ms
 * @throws only when the registry cannot be read at all, and has not been read lately
 */
export async function collectWindow(
  window: {
    readonly input: WindowInput;
    readonly settings: WindowSettings;
    readonly deadlineMs: number;
    readonly memory: CollectorMemory;
  },
  ports: CollectorPorts,
): Promise<WindowSummary> {
  const { input, settings, memory } = window;
  const summary = emptySummary(input);
  const nowMs = ports.clock.now();
  const isLook = input.fromMs !== undefined;
  const scheduledMs = input.scheduledMs ?? nowMs;
  const span = spanOf({ scheduledMs, isLook, nowMs });
  if (typeof span === 'string') return told(ports, summary, span);

  const endMs = Math.min(span.overMs, window.deadlineMs);
  const context = openContext({ ports, summary, memory, endMs, stop: settings.stop });
  try {
    const watched = await readTargets(input, { isLook, context });
    if (isLook && watched.some(({ run }) => run !== undefined)) return told(ports, summary, 'already-sampled');
    const bounded = { ...span, endMs: Math.min(span.endMs, context.fetchesEndMs) };
    const { shard, shards } = input;
    const work = { watched, span: bounded, idleSeconds: settings.idleSeconds, isLook, shard, shards };
    const end = await sampleWindow(work, context);
    await finishDelivery({ context, end, input, endMs });
    await storeFigures({ summary, instantMs: input.fromMs ?? scheduledMs }, { ...context, clock: ports.clock });
    summary.end = end;
    if (!isLook) await putOnRecord(context);
    return told(ports, summary, end);
  } finally {
    context.close();
  }
}

type OpenContext = WindowContext & Pick<OpenOutbox, 'drain' | 'delivery'> & { close(): void };

function openContext(options: {
  ports: CollectorPorts;
  summary: WindowSummary;
  memory: CollectorMemory;
  endMs: number;
  stop: AbortSignal | undefined;
}): OpenContext {
  const { summary, memory, endMs, stop } = options;
  const ports = limitRegistry(options.ports);
  const locust = ports.openLocust();
  const deliverer = ports.openInflux();
  return {
    ports,
    summary,
    memory,
    stop,
    locust,
    ...openOutbox({ ports, memory, summary, deliverer, endMs, stop }),
    fetchesEndMs: endMs - deliveryReserveMs,
    close() {
      locust.close();
      deliverer.close();
    },
  };
}

/** Waits until every line is stored or kept, and sees to what waits in the spool. */
async function finishDelivery(window: {
  readonly context: OpenContext;
  readonly end: WindowEnd;
  readonly input: WindowInput;
  readonly endMs: number;
}): Promise<void> {
  const { context, end, input, endMs } = window;
  const { outbox, drain, ports, summary } = context;
  const isSchedule = input.fromMs === undefined;
  const minute = Math.floor((input.scheduledMs ?? ports.clock.now()) / windowMs);
  if (end === 'idle' && isSchedule && input.shard === 0 && minute % idleSpoolMinutes === 0) {
    await drain?.run(endMs - idleDrainReserveMs);
  }
  await outbox.finish();
  const isWorthALook = summary.pointsWaiting > 0 || (end !== 'idle' && isSchedule);
  const waiting = drain?.totals() ?? (isWorthALook ? await drain?.look() : undefined);
  if (waiting !== undefined) summary.waiting = waiting;
}

/** For `/v1/health`; looks are not worth a write each. */
async function putOnRecord(context: WindowContext): Promise<void> {
  const { ports, summary } = context;
  await attempt(context, 'putting the window on record', async () => ports.windows?.save(summary, ports.clock.now()));
}

function told(ports: CollectorPorts, summary: WindowSummary, end: WindowEnd): WindowSummary {
  summary.end = end;
  ports.observer.windowEnded?.(summary);
  return summary;
}

import type { WindowInput } from './input.ts';
import { createLineOutbox } from './line-outbox.ts';
import { readTargets } from './read-targets.ts';
import { sampleWindow } from './sample-window.ts';
import { emptySummary } from './summary.ts';
import type { WindowEnd, WindowSummary } from './summary.ts';
import { spanOf } from './window.ts';
import type { CollectorPorts, WindowContext } from './window-context.ts';

export interface WindowSettings {
  /** A start is seen within so many seconds; 60 means once a window. */
  readonly idleSeconds: number;
  /** Ends windows early, but cleanly. */
  readonly stop?: AbortSignal;
}

/** A fetch ends so long before its window does, so that its lines are delivered before the next one begins. */
const deliveryReserveMs = 500;

/**
 * Collects one window, or what a look leaves of it.
 * @param window.deadlineMs the instant at which the invocation will be killed, ms
 * @throws only when the registry cannot be read at all
 */
export async function collectWindow(
  window: { readonly input: WindowInput; readonly settings: WindowSettings; readonly deadlineMs: number },
  ports: CollectorPorts,
): Promise<WindowSummary> {
  const { input, settings } = window;
  const summary = emptySummary(input);
  const nowMs = ports.clock.now();
  const isLook = input.fromMs !== undefined;
  const span = spanOf({ scheduledMs: input.scheduledMs ?? nowMs, isLook, nowMs });
  if (typeof span === 'string') return told(ports, summary, span);

  const context = openContext({ ports, summary, endMs: Math.min(span.overMs, window.deadlineMs), stop: settings.stop });
  try {
    const watched = await readTargets(input, { isLook, context });
    if (isLook && watched.some(({ run }) => run !== undefined)) return told(ports, summary, 'already-sampled');
    const bounded = { ...span, endMs: Math.min(span.endMs, context.fetchesEndMs) };
    const { shard, shards } = input;
    const work = { watched, span: bounded, idleSeconds: settings.idleSeconds, isLook, shard, shards };
    const end = await sampleWindow(work, context);
    await context.outbox.finish();
    return told(ports, summary, end);
  } finally {
    context.close();
  }
}

function openContext(options: {
  ports: CollectorPorts;
  summary: WindowSummary;
  endMs: number;
  stop: AbortSignal | undefined;
}): WindowContext & { close(): void } {
  const { ports, summary, endMs, stop } = options;
  const locust = ports.openLocust();
  const deliverer = ports.openInflux();
  return {
    ports,
    summary,
    stop,
    locust,
    outbox: createLineOutbox({
      deliverer,
      summary,
      notDelivered: (problem) => ports.observer.notDelivered?.(problem),
    }),
    fetchesEndMs: endMs - deliveryReserveMs,
    close() {
      locust.close();
      deliverer.close();
    },
  };
}

function told(ports: CollectorPorts, summary: WindowSummary, end: WindowEnd): WindowSummary {
  summary.end = end;
  ports.observer.windowEnded?.(summary);
  return summary;
}

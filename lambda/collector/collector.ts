import { collectWindow } from './collect-window.ts';
import type { WindowSettings } from './collect-window.ts';
import { createMemory } from './collector-memory.ts';
import { parseInput } from './window-input.ts';
import type { WindowSummary } from './window-figures/summary.ts';
import type { CollectorPorts } from './window-context.ts';

/** What of Lambda's context the collector needs. */
export interface Invocation {
  getRemainingTimeInMillis(): number;
  /** The invoker may end the window early, but cleanly, by this; Lambda never does. */
  readonly stop?: AbortSignal;
}

/** Takes an event of the schedule or of the queue, and does what it asks for. */
export type Collector = (event: unknown, invocation: Invocation) => Promise<readonly WindowSummary[]>;

/** Left for ending cleanly before the invocation is killed. */
export const shutdownReserveMs = 1_500;

/** The same collector for the Lambda and for one machine; they differ in their ports alone. */
export function createCollector(ports: CollectorPorts, settings: WindowSettings): Collector {
  const memory = createMemory();
  return async (event, invocation) => {
    const deadlineAtMs = ports.clock.now() + invocation.getRemainingTimeInMillis() - shutdownReserveMs;
    const { stop = settings.stop } = invocation;
    const own = stop === undefined ? settings : { ...settings, stop };
    const summaries: WindowSummary[] = [];
    for (const input of parseInput(event)) {
      summaries.push(await collectWindow({ input, settings: own, deadlineAtMs, memory }, ports));
    }
    return summaries;
  };
}

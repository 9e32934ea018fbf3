import type { TargetRereads } from './targets/target-rereads.ts';
import type { WindowContext } from './window-context.ts';

/** What a window waited for. `reread`: the targets were read again, so that the next instant may be another. */
type Awaited = 'instant' | 'stopped' | 'taken-over' | 'reread';

/**
 * Waits for an instant. Meanwhile the targets are read again, and past its minute a window asks whether the next one has
 * begun.
 */
export async function waitForInstant(
  instantMs: number,
  { context, rereads, reread }: { context: WindowContext; rereads: TargetRereads; reread: () => void },
): Promise<Awaited> {
  const { hold, ports } = context;
  for (;;) {
    const questionAtMs = hold?.nextQuestionAtMs(ports.clock.now()) ?? Infinity;
    const readAtMs = rereads.nextAtMs(instantMs);
    const untilMs = Math.min(instantMs, questionAtMs, readAtMs);
    const ended = await sleepUntil(untilMs, { context, rereads });
    if (ended !== 'slept') return ended;
    if (untilMs === instantMs) return 'instant';
    if (untilMs === readAtMs) reread();
    else {
      await hold?.askWhetherTaken();
      if (hold?.isTakenAt(instantMs) === true) return 'taken-over';
    }
  }
}

async function sleepUntil(
  untilMs: number,
  { context, rereads }: { context: WindowContext; rereads: TargetRereads },
): Promise<'slept' | 'stopped' | 'reread'> {
  const { ports, stop } = context;
  const isStopped = (): boolean => stop?.aborted === true;
  if (isStopped()) return 'stopped';
  const { underWay } = rereads;
  const woken = new AbortController();
  const signal = stop === undefined ? woken.signal : AbortSignal.any([stop, woken.signal]);
  const sleep = ports.clock.sleepUntil(untilMs, signal).then(() => 'slept' as const);
  try {
    return await (underWay === undefined ? sleep : Promise.race([sleep, underWay.then(() => 'reread' as const)]));
  } catch (error) {
    if (isStopped()) return 'stopped';
    throw error;
  } finally {
    // Nobody waits for a sleep that is called off.
    sleep.catch(() => undefined);
    woken.abort();
  }
}

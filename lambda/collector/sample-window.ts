import pLimit from 'p-limit';
import { refreshFigures, refreshRecords, saveRuns } from './keep-records.ts';
import { sampleTarget } from './sample-target.ts';
import type { WindowEnd } from './summary.ts';
import { intervalMs, needsWindow } from './watched-target.ts';
import type { WatchedTarget } from './watched-target.ts';
import { attempt } from '../recording/recording-context.ts';
import type { WindowContext } from './window-context.ts';
import { graceMs, isDue, nextInstant, remainingLooks } from './window.ts';
import type { Span } from './window.ts';

/**
 * So many targets are read at once, 64 together: enough for a thousand in a second or two, and few enough sockets and
 * bodies for 256 MB. Targets whose last attempt failed have a lane of their own, so that slow ones delay only each other.
 */
const maxFetches = { healthy: 48, troubled: 16 };
/** With less time than this left in the window, a failure would say nothing of the target: it is not asked. */
const minFetchMs = 500;
/** Lines that are there do not wait longer than this for slow targets. */
const flushMs = 1_000;

export interface WindowWork {
  readonly watched: readonly WatchedTarget[];
  readonly span: Span;
  /** A start is seen within so many seconds; 60 turns the looks between windows off. */
  readonly idleSeconds: number;
  /** A look does not ask for more: the window before it has. */
  readonly isLook: boolean;
  readonly shard: number;
  readonly shards: number;
}

/** Samples instant by instant, as long as a target is in a run; ends at once when none is. Never rejects. */
export async function sampleWindow(work: WindowWork, context: WindowContext): Promise<WindowEnd> {
  const underWay = new Set<Promise<void>>();
  const inBackground = (task: Promise<void>): Promise<void> => {
    const tracked = task.finally(() => underWay.delete(tracked));
    underWay.add(tracked);
    return tracked;
  };
  const sample = createSampler(work, context);
  const end = await sampleInstants({ work, context, sample, inBackground });
  await Promise.all(underWay);
  context.outbox.flush();
  await saveRuns(work.watched, context);
  return end;
}

type Sampler = (watched: WatchedTarget, instantMs: number | undefined) => Promise<void>;

function createSampler(work: WindowWork, context: WindowContext): Sampler {
  const lanes = { healthy: pLimit(maxFetches.healthy), troubled: pLimit(maxFetches.troubled) };
  const { clock } = context.ports;
  return async (watched, instantMs) => {
    const lane = watched.latest?.error === undefined ? lanes.healthy : lanes.troubled;
    watched.isAnswering = true;
    await lane(async () => {
      const nextMs = instantMs === undefined ? Infinity : instantMs + intervalMs(watched, work.idleSeconds);
      const isTooLate = clock.now() >= nextMs || context.fetchesEndMs - clock.now() < minFetchMs;
      if (isTooLate) context.summary.missed += 1;
      else await sampleTarget(watched, instantMs, context);
    });
    watched.isAnswering = false;
  };
}

interface Sampling {
  readonly work: WindowWork;
  readonly context: WindowContext;
  readonly sample: Sampler;
  readonly inBackground: (task: Promise<void>) => Promise<void>;
}

async function sampleInstants(sampling: Sampling): Promise<WindowEnd> {
  const { work, context, sample, inBackground } = sampling;
  const { span, watched } = work;
  const { clock } = context.ports;
  if (watched.length === 0) return 'idle';
  let lastMs = span.startMs - 1;
  if (!watched.some(needsWindow) && nextOf(work, lastMs) > clock.now() + graceMs) {
    // Between two instants and with nothing known to run: one look tells whether it is worth waiting for the next.
    const looks = Promise.all(watched.toSorted(byLastAttempt).map((each) => inBackground(sample(each, undefined))));
    // Nor does a test that has started wait for targets that do not answer.
    await roundOrNextInstant(sampling, { round: looks, instantMs: clock.now() });
    if (!watched.some((each) => each.isAnswering || needsWindow(each))) return askForLooks(work, clock.now(), context);
  }
  for (;;) {
    const instantMs = nextOf(work, lastMs);
    if (instantMs >= span.endMs) return 'complete';
    lastMs = instantMs;
    if (instantMs < clock.now() - graceMs) {
      context.summary.missed += dueAt(work, instantMs).length;
      continue;
    }
    if (!(await wokeAt(instantMs, context))) return 'stopped';
    // Only now: a run that began meanwhile has another interval.
    const due = dueAt(work, instantMs);
    context.outbox.beginInstant(Math.min(nextOf(work, instantMs), span.endMs));
    const free = due.filter(({ isAnswering }) => !isAnswering).toSorted(byLastAttempt);
    context.summary.skipped += due.length - free.length;
    const round = Promise.all(free.map((each) => inBackground(sample(each, instantMs))));
    await roundOrNextInstant(sampling, { round, instantMs });
    void inBackground(refreshFigures(watched, context));
    void inBackground(refreshRecords(watched, context));
    if (!watched.some((each) => each.isAnswering || needsWindow(each))) {
      return askForLooks(work, lastMs, context);
    }
  }
}

/** Sleeps until an instant; false when the window was told to stop before. */
async function wokeAt(instantMs: number, { ports, stop }: WindowContext): Promise<boolean> {
  const isStopped = (): boolean => stop?.aborted === true;
  if (isStopped()) return false;
  try {
    await ports.clock.sleepUntil(instantMs, stop);
    return true;
  } catch (error) {
    if (isStopped()) return false;
    throw error;
  }
}

function dueAt({ watched, idleSeconds }: WindowWork, instantMs: number): readonly WatchedTarget[] {
  return watched.filter((each) => !each.isGone && isDue(instantMs, intervalMs(each, idleSeconds)));
}

function nextOf({ watched, idleSeconds }: WindowWork, afterMs: number): number {
  const there = watched.filter(({ isGone }) => !isGone);
  return nextInstant(afterMs, new Set(there.map((each) => intervalMs(each, idleSeconds))));
}

/** Where more hang than there is room for, every one has its turn. */
function byLastAttempt(a: WatchedTarget, b: WatchedTarget): number {
  return (a.latest?.checkedAt ?? '').localeCompare(b.latest?.checkedAt ?? '');
}

/** Waits for an instant's samples, but not beyond the next instant, and sends lines as they come. */
async function roundOrNextInstant(
  { work, context }: Sampling,
  { round, instantMs }: { round: Promise<unknown>; instantMs: number },
): Promise<void> {
  const { clock } = context.ports;
  const settled = round.then(() => 'settled' as const);
  for (;;) {
    const nextMs = Math.min(nextOf(work, instantMs), work.span.endMs);
    const settledFirst = new AbortController();
    const pause = clock.sleepUntil(Math.min(nextMs, clock.now() + flushMs), settledFirst.signal);
    // The pause rejects when it is called off.
    const first = await Promise.race([settled, pause.catch(() => undefined)]);
    settledFirst.abort();
    context.outbox.flush();
    if (first === 'settled' || clock.now() >= nextMs) return;
  }
}

/** Nothing runs: asks to be woken for the looks that are left, instead of waiting for them. */
async function askForLooks(work: WindowWork, afterMs: number, context: WindowContext): Promise<WindowEnd> {
  const { span, idleSeconds, isLook, shard, shards } = work;
  if (isLook || idleSeconds === 60) return 'idle';
  const scheduledTime = new Date(span.startMs).toISOString();
  const looks = remainingLooks(afterMs, span, idleSeconds).map((lookMs) => ({
    scheduledTime,
    from: new Date(lookMs).toISOString(),
    shard,
    shards,
  }));
  if (looks.length > 0) await attempt(context, 'asking for the next looks', () => context.ports.wake.request(looks));
  return 'idle';
}

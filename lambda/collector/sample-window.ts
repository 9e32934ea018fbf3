import pLimit from 'p-limit';
import { saveRuns } from './keep-records.ts';
import { countAbandoned, countGaps } from './hand-over/count-gaps.ts';
import { countMissed } from './hand-over/missed-instants.ts';
import { confirmEnd, settleEnd, waitUntilSettled } from './scrapes/settle-end.ts';
import type { Closing } from './scrapes/settle-end.ts';
import { sampleTarget } from './scrapes/sample-target.ts';
import type { Run } from '../runs/run.ts';
import type { WatchedTarget } from './targets/watched-target.ts';
import type { WindowEnd } from './window-figures/summary.ts';
import type { WindowContext } from './window-context.ts';
import { sampleInstants } from './sample-instants.ts';
import type { Sampler, Sampling, WindowWork } from './window-work.ts';

/**
 * So many targets are read at once, 64 together: enough for a thousand in a second or two, and few enough sockets and
 * bodies for 256 MB. Targets whose last scrape failed have a lane of their own, so that slow ones delay only each other.
 */
const maxFetches = { healthy: 48, troubled: 16 };
/** With less time than this left in the window, a failure would say nothing of the target: it is not asked. */
const minFetchMs = 500;
/** Samples instant by instant, as long as a target is in a run; ends at once when none is. Never rejects. */
export async function sampleWindow(work: WindowWork, context: WindowContext): Promise<WindowEnd> {
  const underWay = new Set<Promise<void>>();
  const inBackground = (task: Promise<void>): Promise<void> => {
    const tracked = task.finally(() => underWay.delete(tracked));
    underWay.add(tracked);
    return tracked;
  };
  const sample = createSampler({ work, context, inBackground });
  const end = await sampleInstants({ work, context, sample, inBackground });
  // What is under way may begin more.
  while (underWay.size > 0) await Promise.all(underWay);
  const abandoned = await context.hold?.takeAbandoned(true);
  if (abandoned !== undefined) await countAbandoned(work, abandoned, context);
  const left = context.hold?.ownInstantsLeft();
  if (left !== undefined) await countGaps(work, [left], context);
  // Too many rather than too few, where nobody could be asked.
  countMissed(context.summary, context.unproven.takeAll(), true);
  context.outbox.flush();
  await saveRuns(work.watched, context);
  return end;
}

function createSampler({ work, context, inBackground }: Omit<Sampling, 'sample'>): Sampler {
  const lanes = { healthy: pLimit(maxFetches.healthy), troubled: pLimit(maxFetches.troubled) };
  const { clock } = context.ports;
  const settle = async (watched: WatchedTarget, ended: Run): Promise<void> => {
    watched.settlingBegan();
    if (await waitUntilSettled(context)) await lanes.healthy(() => settleEnd(watched, ended, context));
    watched.settlingEnded();
  };
  const confirm = async (watched: WatchedTarget): Promise<void> => {
    const isSettled = await waitUntilSettled(context);
    watched.endFellDue();
    // A scrape that is under way does it.
    if (watched.isBeingScraped) return;
    watched.scrapeBegan();
    await lanes.healthy(() => confirmEnd(watched, isSettled, context));
    watched.scrapeEnded();
  };
  const close = (watched: WatchedTarget, closing: Closing): Promise<void> =>
    closing.kind === 'to-settle' ? settle(watched, closing.ended) : confirm(watched);
  return async (watched, instantMs) => {
    const lane = watched.latest?.error === undefined ? lanes.healthy : lanes.troubled;
    watched.scrapeBegan();
    const closing = await lane(async () => {
      const nextAtMs = instantMs === undefined ? Infinity : instantMs + watched.intervalMs(work.idleSeconds);
      const isTooLate = clock.now() >= nextAtMs || context.fetchesEndAtMs - clock.now() < minFetchMs;
      if (!isTooLate) return sampleTarget(watched, instantMs, context);
      countMissed(context.summary, 1, false);
      return undefined;
    });
    watched.scrapeEnded();
    // Nothing waits for it.
    if (closing !== undefined) void inBackground(close(watched, closing));
  };
}

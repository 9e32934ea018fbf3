import { attempt } from '../recording/recording-context.ts';
import { refreshFigures, refreshRecords } from './keep-records.ts';
import { countAbandoned, countGaps } from './hand-over/count-gaps.ts';
import { countMissed, maxGraceMs } from './hand-over/missed-instants.ts';
import { waitForInstant } from './wait-for-instant.ts';
import { followTargets } from './targets/follow-targets.ts';
import { TargetRereads } from './targets/target-rereads.ts';
import type { WatchedTarget } from './targets/watched-target.ts';
import type { WindowContext } from './window-context.ts';
import type { WindowEnd } from './window-figures/summary.ts';
import { idleGraceMs, isDue, nextInstant, remainingIdlePolls } from './window-span.ts';
import type { Sampling, WindowWork } from './window-work.ts';

/** Lines that are there do not wait longer than this for slow targets. */
const flushMs = 1_000;

/** Samples instant by instant, until nothing runs, another window takes over, or the window is over. */
export async function sampleInstants(sampling: Sampling): Promise<WindowEnd> {
  const { work, context, inBackground } = sampling;
  const { watched } = work;
  const { hold } = context;
  let lastAtMs = await lastBefore(work, context);
  if (watched.length === 0) return 'idle';
  if (
    !watched.some(({ needsWindow }) => needsWindow) &&
    nextOf(work, lastAtMs) > context.ports.clock.now() + idleGraceMs
  ) {
    await pollBetweenInstants(sampling);
    if (isQuiet(work)) return requestIdlePolls(work, context.ports.clock.now(), context);
  }
  const rereads = new TargetRereads({ context, share: work, lastAtMs: work.beganAtMs });
  const reread = (): void => {
    void inBackground(rereads.begin((read) => followTargets(read, sampling)));
  };
  for (;;) {
    const instantMs = nextOf(work, lastAtMs);
    if (instantMs >= endOf(work, context)) return 'complete';
    const waited = await waitForInstant(instantMs, { context, rereads, reread });
    if (waited === 'stopped') return 'stopped';
    if (waited === 'taken-over') return 'complete';
    if (waited === 'reread') {
      if (isQuiet(work)) return requestIdlePolls(work, Math.max(lastAtMs, context.ports.clock.now()), context);
      continue;
    }
    // The next window counts it where it is late.
    if (hold?.isTakenAt(instantMs) === true) return 'complete';
    lastAtMs = instantMs;
    const late = lateAt(work, instantMs, context.ports.clock.now());
    countMissed(context.summary, late.length, instantMs < work.beganAtMs);
    if (late.length === dueAt(work, instantMs).length) {
      hold?.progress.counted(instantMs);
      continue;
    }
    if ((await hold?.claimInstant(instantMs, nextOf(work, instantMs))) === false) return 'complete';
    await sampleInstant(sampling, { instantMs, late });
    if (hold?.isTakenAt(nextOf(work, instantMs)) === true) return hold.hasHeld ? 'complete' : 'already-sampled';
    if (isQuiet(work)) return requestIdlePolls(work, lastAtMs, context);
  }
}

/** Where to begin after: instants of windows before that are too old to be sampled are counted. */
async function lastBefore(work: WindowWork, context: WindowContext): Promise<number> {
  const { hold, ports } = context;
  const beforeOwnAtMs = work.span.startAtMs - 1;
  if (hold?.previousAtMs === undefined) return beforeOwnAtMs;
  const { previousAtMs } = hold;
  const isUnderWay = work.watched.some(({ needsWindow }) => needsWindow);
  // Of runs that have ended meanwhile nothing can be sampled late.
  const untilMs = isUnderWay ? ports.clock.now() - maxGraceMs : beforeOwnAtMs;
  if (previousAtMs < untilMs) {
    await countGaps(work, [{ previousAtMs, untilMs }], context);
    hold.progress.counted(untilMs);
  }
  return isUnderWay ? Math.max(previousAtMs, untilMs) : beforeOwnAtMs;
}

/** The window has no instants from here on, ms. */
function endOf({ span }: WindowWork, { hold, fetchesEndAtMs }: WindowContext): number {
  return Math.min(hold?.hasHeld === true ? hold.endAtMs : span.endAtMs, fetchesEndAtMs);
}

/**
 * Nobody is in a run, or may be. While the figures of an end settle the window has its shard, so that no idle poll sees the
 * other targets: it goes on to look at them itself, if there are any.
 */
function isQuiet({ watched }: WindowWork): boolean {
  const hasOthers = watched.some((each) => !each.isRemoved && !each.isLeaving);
  return !watched.some((each) => each.isBeingScraped || each.needsWindow || (each.isSettling && hasOthers));
}

/** Between two instants and with nothing known to run: one scrape shows whether it is worth waiting for the next. */
async function pollBetweenInstants(sampling: Sampling): Promise<void> {
  const { work, context, sample, inBackground } = sampling;
  const round = Promise.all(work.watched.toSorted(byLastScrape).map((each) => inBackground(sample(each, undefined))));
  // Nor does a test that has started wait for targets that do not answer.
  await roundOrNextInstant(sampling, { round, instantMs: context.ports.clock.now() });
}

async function sampleInstant(
  sampling: Sampling,
  { instantMs, late }: { readonly instantMs: number; readonly late: readonly WatchedTarget[] },
): Promise<void> {
  const { work, context, sample, inBackground } = sampling;
  const { watched } = work;
  const { hold, outbox, summary } = context;
  const abandoned = await hold?.takeAbandoned();
  if (abandoned !== undefined) await countAbandoned(work, abandoned, context);
  // Only now: a run that began meanwhile has another interval.
  const due = dueAt(work, instantMs).filter((each) => !late.includes(each));
  outbox.beginInstant(Math.min(nextOf(work, instantMs), endOf(work, context)));
  hold?.progress.began(instantMs);
  const free = due.filter(({ isBeingScraped }) => !isBeingScraped).toSorted(byLastScrape);
  summary.skipped += due.length - free.length;
  const round = Promise.all(free.map((each) => inBackground(sample(each, instantMs))));
  void inBackground(settle(round, instantMs, context));
  await roundOrNextInstant(sampling, { round, instantMs });
  void inBackground(refreshFigures(watched, context));
  void inBackground(refreshRecords(watched, context));
}

/** Once all that an instant brought is safe, says so in the claim. */
async function settle(round: Promise<unknown>, instantMs: number, { hold, outbox }: WindowContext): Promise<void> {
  await round;
  if (hold !== undefined && (await outbox.settle())) hold.progress.settled(instantMs);
}

/**
 * Targets that are due, but whose instant is so long past that a sample would not be of it. Where nothing runs, an instant
 * that the window has begun in time for is met, though the tables had to be read first: for a second of that.
 */
function lateAt(work: WindowWork, instantMs: number, nowMs: number): readonly WatchedTarget[] {
  const { beganAtMs, idleSeconds } = work;
  const readAtMs = instantMs <= beganAtMs ? Math.max(beganAtMs, nowMs - idleGraceMs) : nowMs;
  return dueAt(work, instantMs).filter(
    (each) => (each.needsWindow ? nowMs : readAtMs) - instantMs > each.graceMs(idleSeconds),
  );
}

/** The targets whose instant this is. Of an instant that was over before, those whose runs were under way then. */
function dueAt({ watched, idleSeconds, span }: WindowWork, instantMs: number): readonly WatchedTarget[] {
  const isOwn = instantMs >= span.startAtMs;
  return watched.filter(
    (each) =>
      !each.isRemoved &&
      !each.isLeaving &&
      !each.isBeforeItsTime(instantMs) &&
      isDue(instantMs, each.intervalMs(idleSeconds)) &&
      (isOwn || (each.run !== undefined && each.run.startedAtMs <= instantMs)),
  );
}

function nextOf({ watched, idleSeconds }: WindowWork, previousAtMs: number): number {
  const there = watched.filter(({ isRemoved, isLeaving }) => !isRemoved && !isLeaving);
  return nextInstant(previousAtMs, new Set(there.map((each) => each.intervalMs(idleSeconds))));
}

/** Where more hang than there is room for, every one has its turn. */
function byLastScrape(a: WatchedTarget, b: WatchedTarget): number {
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
    const nextAtMs = Math.min(nextOf(work, instantMs), endOf(work, context));
    const settledFirst = new AbortController();
    const pause = clock.sleepUntil(Math.min(nextAtMs, clock.now() + flushMs), settledFirst.signal);
    // The pause rejects when it is called off.
    const first = await Promise.race([settled, pause.catch(() => undefined)]);
    settledFirst.abort();
    context.outbox.flush();
    if (first === 'settled' || clock.now() >= nextAtMs) return;
  }
}

/** Nothing runs: asks to be woken for the idle polls that are left, instead of waiting for them. */
async function requestIdlePolls(work: WindowWork, previousAtMs: number, context: WindowContext): Promise<WindowEnd> {
  const { span, idleSeconds, isIdlePoll, shard, shards } = work;
  if (isIdlePoll || idleSeconds === 60) return 'idle';
  const scheduledTime = new Date(span.startAtMs).toISOString();
  const polls = remainingIdlePolls(previousAtMs, span, idleSeconds).map((pollAtMs) => ({
    scheduledTime,
    from: new Date(pollAtMs).toISOString(),
    shard,
    shards,
  }));
  if (polls.length > 0)
    await attempt(context, 'asking for the next idle polls', () => context.ports.wake.request(polls));
  return 'idle';
}

import type { Breaker } from './breaker.ts';
import type { Refusal } from './dead-letters.ts';
import type { Deliverer } from './deliver.ts';
import { createKeeper } from './keep-lines.ts';
import type { DeliveryTrouble, KeeperParts } from './keep-lines.ts';
import { maxLinesPerRequest, needsMending, sendLines } from './send-lines.ts';
import type { SentLines } from './send-lines.ts';

/** Tries of one request within an instant. */
const maxTries = 3;
/** A probe waits as long as a delivery's first try: one that gave up sooner would never end an outage of a slow store. */
const probeMs = 3_000;

/** What became of lines: every one is in exactly one of the four. */
export interface DeliveryFate {
  readonly delivered: number;
  readonly spooled: number;
  /** Among the dead letters. */
  readonly rejected: number;
  /** Nowhere but here: whoever asked has to try again. */
  readonly unkept: readonly string[];
}

export interface ReplayFate {
  /** So many of the lines, from the first on, are stored or among the dead letters. */
  readonly settled: number;
  readonly delivered: number;
  readonly rejected: number;
}

/** Delivers lines, and keeps what cannot be delivered. Nothing of it rejects. */
export interface SafeDelivery {
  /** @param untilMs no try begins or lasts longer, ms; keeping may, by 5 s */
  deliver(lines: readonly string[], untilMs: number): Promise<DeliveryFate>;
  /** Puts lines into the spool without asking InfluxDB. @returns those that could not be kept */
  keep(lines: readonly string[]): Promise<readonly string[]>;
  /** Delivers lines that lie in the spool: one try, and nothing is put there again. */
  replay(lines: readonly string[], untilMs: number): Promise<ReplayFate>;
}

export interface SafeDeliveryParts extends KeeperParts {
  readonly deliverer: Deliverer;
  readonly breaker: Breaker;
  /** A random number from 0 to below 1; default Math.random. */
  readonly jitter?: () => number;
}

export function createSafeDelivery(parts: SafeDeliveryParts): SafeDelivery {
  const { breaker, clock } = parts;
  const keeper = createKeeper(parts);
  return {
    keep: (lines) => keeper.spool(lines),
    async deliver(lines, untilMs) {
      const nowMs = clock.now();
      const permission = breaker.permission(nowMs);
      if (permission === 'keep') {
        const unkept = await keeper.spool(lines);
        return { delivered: 0, rejected: 0, spooled: lines.length - unkept.length, unkept };
      }
      const sent =
        permission === 'probe'
          ? await probeAndSend(lines, untilMs, parts)
          : await send(lines, { untilMs, tries: maxTries }, parts);
      const [unburied, unkept] = await Promise.all([keeper.bury(sent.refused), keeper.spool(sent.left)]);
      return {
        delivered: sent.delivered,
        rejected: countOf(sent.refused) - unburied.length,
        spooled: sent.left.length - unkept.length,
        unkept: [...unburied, ...unkept],
      };
    },
    async replay(lines, untilMs) {
      const sent = await send(lines, { untilMs, tries: 1, isReplay: true }, parts);
      const unburied = await keeper.bury(sent.refused);
      const settled = unburied.length === 0 ? lines.length - sent.left.length : 0;
      return { settled, delivered: sent.delivered, rejected: countOf(sent.refused) - unburied.length };
    },
  };
}

/** One request tells whether InfluxDB is back; if it is, the rest follows as usual. */
async function probeAndSend(lines: readonly string[], untilMs: number, parts: SafeDeliveryParts): Promise<SentLines> {
  const probeUntilMs = Math.min(untilMs, parts.clock.now() + probeMs);
  const probe = await send(lines.slice(0, maxLinesPerRequest), { untilMs: probeUntilMs, tries: 1 }, parts);
  const rest = lines.slice(maxLinesPerRequest);
  if (rest.length === 0) return probe;
  if (probe.left.length > 0) return { ...probe, left: [...probe.left, ...rest] };
  const others = await send(rest, { untilMs, tries: maxTries }, parts);
  return {
    ...others,
    delivered: probe.delivered + others.delivered,
    refused: [...probe.refused, ...others.refused],
  };
}

interface Sending {
  readonly untilMs: number;
  readonly tries: number;
  /** What fails then may be the time that was left over, or these lines: live ones find out for themselves. */
  readonly isReplay?: boolean;
}

/** Sends, and lets the breaker know what that tells of InfluxDB. */
async function send(
  lines: readonly string[],
  { untilMs, tries, isReplay = false }: Sending,
  { deliverer, breaker, clock, told, jitter = Math.random }: SafeDeliveryParts,
): Promise<SentLines> {
  const mayTryAgain = (): boolean => !breaker.isOpen;
  const sent = await sendLines(lines, { deliverer, clock, jitter, untilMs, maxTries: tries, mayTryAgain });
  const { problem, left } = sent;
  if (problem !== undefined) {
    const { retryAfterMs } = problem;
    if (retryAfterMs !== undefined) breaker.failed(clock.now() + retryAfterMs);
    else if (!isReplay) breaker.failed();
    told({ answer: problem, lines: left.length });
  } else if (left.length === 0) breaker.succeeded();
  return sent;
}

/** An alarm is due: until somebody mends a token or a bucket, nothing is stored. */
export function isDenied({ answer }: DeliveryTrouble): boolean {
  return answer !== undefined && needsMending(answer);
}

const countOf = (refusals: readonly Refusal[]): number => refusals.reduce((sum, { lines }) => sum + lines.length, 0);

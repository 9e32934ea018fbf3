import type { Clock } from '../../runtime/clock.ts';
import { inTime } from '../../runtime/in-time.ts';
import { countTotals } from '../points/count-totals.ts';
import { cutLines, joinLines, noLines, toLines } from '../lines.ts';
import type { Lines } from '../lines.ts';
import type { DeadLetters, Rejection } from '../spool/dead-letters.ts';
import type { Spool } from '../spool/spool.ts';
import type { Breaker } from './breaker.ts';
import type { InfluxWriter } from './influx-writer.ts';
import { needsMending, sendLines } from './send-lines.ts';
import type { SentLines } from './send-lines.ts';
import type { NotWritten } from './write-answer.ts';

/** Tries of one request within an instant. */
const maxTries = 3;
/** A probe waits as long as a delivery's first try: one that gave up sooner would never end an outage of a slow store. */
const probeTimeoutMs = 3_000;
/** For a store that hangs, however much is to be kept. What it does later does no harm: the lines are written again, or were not given up. */
const keepTimeoutMs = 5_000;

/** What became of lines: every one is in exactly one of the four. */
export interface DeliveryResult {
  readonly delivered: number;
  readonly spooled: number;
  /** Among the dead letters. */
  readonly rejected: number;
  /** Stored nowhere: the caller has to try again. */
  readonly unkept: Lines;
  /** Of what was delivered and rejected, the lines that are a sample's total. */
  readonly totals: { readonly delivered: number; readonly rejected: number };
}

export interface ReplayResult {
  /** So many of the lines, from the first on, are stored or among the dead letters. */
  readonly settled: number;
  readonly delivered: number;
  readonly rejected: number;
}

/** Gets lines stored, rejected or kept. Nothing of it rejects. */
export interface Delivery {
  /** @param untilMs no try begins or lasts longer, ms; keeping may, by 5 s */
  deliver(lines: Lines, untilMs: number): Promise<DeliveryResult>;
  /** Puts lines behind those that wait in the spool, so that they are stored after them. */
  keep(lines: Lines): Promise<DeliveryResult>;
  /** Delivers lines that lie in the spool: one try, and nothing is put there again. */
  replay(lines: Lines, untilMs: number): Promise<ReplayResult>;
}

/** Something that an operator should know about: what InfluxDB answered, or that the store failed to keep lines. */
export type DeliveryTrouble =
  | { readonly kind: 'not-written'; readonly lines: number; readonly answer: NotWritten }
  | { readonly kind: 'not-kept'; readonly lines: number; readonly error: unknown };

/** Where lines go that InfluxDB does not take. */
export interface Keeping {
  readonly spool: Spool;
  readonly deadLetters: DeadLetters;
}

export interface DeliveryParts {
  readonly writer: InfluxWriter;
  readonly breaker: Breaker;
  /** Undefined where there is none: then nothing can be kept, and rejected lines are gone. */
  readonly keeping: Keeping | undefined;
  readonly clock: Clock;
  readonly onTrouble: (trouble: DeliveryTrouble) => void;
  /** A random number from 0 to below 1; default Math.random. */
  readonly jitter?: () => number;
}

export function createDelivery(parts: DeliveryParts): Delivery {
  const { breaker, clock } = parts;
  return {
    async deliver(lines, untilMs) {
      const permission = breaker.takePermission(clock.now());
      const sent =
        permission === 'keep'
          ? { delivered: 0, rejections: [], left: lines }
          : permission === 'probe'
            ? await probeAndSend(lines, untilMs, parts)
            : await send(lines, { untilMs, tries: maxTries }, parts);
      const [unrecorded, unspooled] = await Promise.all([
        recordRejections(sent.rejections, parts),
        putIntoSpool(sent.left, parts),
      ]);
      return {
        delivered: sent.delivered,
        rejected: countOf(sent.rejections) - unrecorded.count,
        spooled: sent.left.count - unspooled.count,
        unkept: joinLines([unrecorded, unspooled]),
        totals: totalsOf(lines, sent, unrecorded),
      };
    },
    async keep(lines) {
      const unkept = await putIntoSpool(lines, parts);
      return { delivered: 0, rejected: 0, spooled: lines.count - unkept.count, unkept, totals: noTotals };
    },
    async replay(lines, untilMs) {
      const sent = await send(lines, { untilMs, tries: 1, isReplay: true }, parts);
      const unrecorded = await recordRejections(sent.rejections, parts);
      return {
        settled: unrecorded.count === 0 ? lines.count - sent.left.count : 0,
        delivered: sent.delivered,
        rejected: countOf(sent.rejections) - unrecorded.count,
      };
    },
  };
}

/** One request shows whether InfluxDB is back; if it is, the rest follows as usual. */
async function probeAndSend(lines: Lines, untilMs: number, parts: DeliveryParts): Promise<SentLines> {
  const [first = noLines, ...others] = cutLines(lines);
  const rest = joinLines(others);
  const probe = await send(first, { untilMs: Math.min(untilMs, parts.clock.now() + probeTimeoutMs), tries: 1 }, parts);
  if (rest.count === 0) return probe;
  if (probe.left.count > 0) return { ...probe, left: joinLines([probe.left, rest]) };
  const sent = await send(rest, { untilMs, tries: maxTries }, parts);
  return {
    ...sent,
    delivered: probe.delivered + sent.delivered,
    rejections: [...probe.rejections, ...sent.rejections],
  };
}

interface Sending {
  readonly untilMs: number;
  readonly tries: number;
  /** What fails then may be the time that was left over, or these lines: it says nothing of InfluxDB. */
  readonly isReplay?: boolean;
}

/** Sends, and lets the breaker know what that says of InfluxDB. */
async function send(
  lines: Lines,
  { untilMs, tries, isReplay = false }: Sending,
  { writer, breaker, clock, onTrouble, jitter = Math.random }: DeliveryParts,
): Promise<SentLines> {
  const mayTryAgain = (): boolean => !breaker.isOpen;
  const sent = await sendLines(lines, { writer, clock, jitter, untilMs, maxTries: tries, mayTryAgain });
  const { problem, left } = sent;
  if (problem !== undefined) {
    const { retryAfterMs } = problem;
    if (retryAfterMs !== undefined) breaker.recordFailure(clock.now() + retryAfterMs);
    else if (!isReplay) breaker.recordFailure();
    onTrouble({ kind: 'not-written', lines: left.count, answer: problem });
  } else if (left.count === 0) breaker.recordSuccess();
  return sent;
}

/** Keeps lines until InfluxDB takes them. @returns those that could not be kept */
async function putIntoSpool(lines: Lines, parts: DeliveryParts): Promise<Lines> {
  const { keeping, clock } = parts;
  if (keeping === undefined) return lines;
  const entries = cutLines(lines);
  return joinLines(
    await Promise.all(entries.map((entry) => unlessKept(entry, keeping.spool.put(entry, clock.now()), parts))),
  );
}

/** Keeps rejected lines until a person decides. @returns those that could not be kept */
async function recordRejections(rejections: readonly Rejection[], parts: DeliveryParts): Promise<Lines> {
  const { keeping, clock, onTrouble } = parts;
  const unkept = rejections.map(async (rejection) => {
    const { lines, status, reason } = rejection;
    const left =
      keeping === undefined
        ? noLines
        : await unlessKept(toLines(lines), keeping.deadLetters.add(rejection, clock.now()), parts);
    // What could not be kept comes again, and InfluxDB rejects it again: it would be counted at each try.
    if (left.count > 0) return left;
    const answer = { outcome: 'rejected' as const, reason, ...(status !== undefined && { status }) };
    onTrouble({ kind: 'not-written', lines: lines.length, answer });
    return noLines;
  });
  return joinLines(await Promise.all(unkept));
}

/** @returns no lines once they are kept, and all of them where the store fails or hangs */
async function unlessKept(
  lines: Lines,
  work: Promise<void>,
  { clock, onTrouble }: Pick<DeliveryParts, 'clock' | 'onTrouble'>,
): Promise<Lines> {
  try {
    await inTime(clock, keepTimeoutMs, work);
    return noLines;
  } catch (error) {
    onTrouble({ kind: 'not-kept', lines: lines.count, error });
    return lines;
  }
}

/** An alarm is due: until somebody mends a token or a bucket, nothing is stored. */
export function isDenied(trouble: DeliveryTrouble): boolean {
  return trouble.kind === 'not-written' && needsMending(trouble.answer);
}

export const noTotals = { delivered: 0, rejected: 0 } as const;

/** How many samples' main figures are stored, and how many are lost. */
function totalsOf(
  lines: Lines,
  { rejections, left }: Pick<SentLines, 'rejections' | 'left'>,
  unrecorded: Lines,
): DeliveryResult['totals'] {
  const tried = countTotals(lines) - countTotals(left);
  const rejected = rejections.reduce((sum, { lines: those }) => sum + countTotals(toLines(those)), 0);
  return { delivered: tried - rejected, rejected: rejected - countTotals(unrecorded) };
}

const countOf = (rejections: readonly Rejection[]): number =>
  rejections.reduce((sum, { lines }) => sum + lines.length, 0);

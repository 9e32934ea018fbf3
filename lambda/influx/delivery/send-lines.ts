import { countDown } from '../../runtime/clock.ts';
import type { Clock } from '../../runtime/clock.ts';
import { inTime } from '../../runtime/in-time.ts';
import { cutLines, joinLines } from '../lines.ts';
import type { Lines } from '../lines.ts';
import type { Rejection } from '../spool/dead-letters.ts';
import type { InfluxWriter } from './influx-writer.ts';
import { createRejections } from './rejections.ts';
import type { NotWritten, WriteAnswer } from './write-answer.ts';

/** A first request that hangs leaves this part of the time to a second one. */
const firstTryShare = 0.6;
/** A writer ends by itself at its time limit, and says more than this would. */
const overtimeMs = 250;
/** Full jitter: a random part of this, doubled with each try. */
const firstPauseMs = 400;
/**
 * One bad line among 5,000 is found with 13 rejected requests, five of them with 50 or so. Beyond this many a rejected
 * piece is taken to be bad as a whole, lest one flood of bad lines costs the others their time.
 */
const maxRejectedRequests = 64;

export interface SendOptions {
  readonly writer: InfluxWriter;
  readonly clock: Clock;
  /** A random number from 0 to below 1. */
  readonly jitter: () => number;
  /** When to give up, ms. */
  readonly untilMs: number;
  /** How often a request is sent that InfluxDB cannot take now. */
  readonly maxTries: number;
  /** Asked before each further try. */
  readonly mayTryAgain: () => boolean;
}

/** What became of lines: each is delivered, rejected or left. */
export interface SentLines {
  readonly delivered: number;
  /** One per reason. */
  readonly rejections: readonly Rejection[];
  /** The last of them: what InfluxDB did not take, or could not be asked about in time. */
  readonly left: Lines;
  /** Why lines are left; undefined when none is, or when time was up. */
  readonly problem: NotWritten | undefined;
}

/**
 * Sends lines until InfluxDB has stored or rejected each of them: what it cannot take now is sent again after a pause;
 * what is too large or holds bad lines is split and sent again, which does no harm to the good ones, as points
 * overwrite themselves. The first answer that says that InfluxDB is down ends it. Never rejects.
 */
export async function sendLines(lines: Lines, options: SendOptions): Promise<SentLines> {
  const leftMs = countDown(options.clock, options.untilMs);
  const rejections = createRejections();
  let waiting = [...cutLines(lines)];
  let delivered = 0;
  let rejectedRequests = 0;
  const end = (left: readonly Lines[], problem?: NotWritten): SentLines => ({
    delivered,
    rejections: rejections.all(),
    left: joinLines(left),
    problem,
  });
  for (let piece = waiting.shift(); piece !== undefined; piece = waiting.shift()) {
    if (leftMs() <= 0) return end([piece, ...waiting]);
    const answer = await writeWithRetries(piece, leftMs, options);
    if (answer.outcome === 'retryable') return end([piece, ...waiting], answer);
    if (answer.outcome === 'delivered') {
      delivered += piece.count;
      continue;
    }
    rejectedRequests += 1;
    const half = Math.ceil(piece.count / 2);
    const isBadAsAWhole =
      answer.outcome === 'rejected' && (answer.droppedLines === piece.count || rejectedRequests > maxRejectedRequests);
    if (piece.count === 1 || isBadAsAWhole) rejections.add(piece, answer);
    else if (answer.outcome === 'rejected') waiting.unshift(...cutLines(piece, half));
    // The rest of the lines would be too large in the same way.
    else waiting = [piece, ...waiting].flatMap((each) => cutLines(each, half));
  }
  return end([]);
}

async function writeWithRetries(piece: Lines, leftMs: () => number, options: SendOptions): Promise<WriteAnswer> {
  const { clock, jitter, maxTries, mayTryAgain } = options;
  for (let tries = 1; ; tries += 1) {
    const timeoutMs = Math.max(1, tries < maxTries ? leftMs() * firstTryShare : leftMs());
    const answer = await writeInTime(piece, timeoutMs, options);
    if (answer.outcome !== 'retryable' || needsMending(answer) || tries >= maxTries) return answer;
    const pauseMs = answer.retryAfterMs ?? jitter() * firstPauseMs * 2 ** (tries - 1);
    if (pauseMs >= leftMs()) return answer;
    await clock.sleepUntil(clock.now() + pauseMs);
    if (!mayTryAgain()) return answer;
  }
}

/** The time is a writer's own to keep; but one whose secret store hangs must not take the lines with it. */
async function writeInTime(
  piece: Lines,
  timeoutMs: number,
  { writer, clock }: Pick<SendOptions, 'writer' | 'clock'>,
): Promise<WriteAnswer> {
  try {
    return await inTime(clock, timeoutMs + overtimeMs, writer.write(piece, timeoutMs));
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown failure';
    return { outcome: 'retryable', reason: `neither InfluxDB nor its token: ${reason}` };
  }
}

/** A token, a bucket or an organisation that somebody has to mend: trying again at once is of no use. */
export function needsMending({ outcome, status }: Pick<NotWritten, 'outcome' | 'status'>): boolean {
  if (outcome === 'retryable' && status === 400) return true;
  return status === 401 || status === 403 || status === 404;
}

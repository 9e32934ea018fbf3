import type { Clock } from '../runtime/clock.ts';
import { inTime } from '../runtime/in-time.ts';
import type { Refusal } from './dead-letters.ts';
import type { Deliverer } from './deliver.ts';
import type { WriteAnswer } from './write-answer.ts';

/** InfluxData's own advice for one request. */
export const maxLinesPerRequest = 5_000;
/** A first request that hangs leaves this part of the time to a second one. */
const firstTryShare = 0.6;
/** A deliverer ends by itself at its deadline, and tells more than this would. */
const overtimeMs = 250;
/** Full jitter: a random part of this, doubled with each try. */
const firstPauseMs = 400;
/**
 * One bad line among 5,000 is found with 13 refused requests, five of them with 50 or so. Beyond this many a refused
 * chunk is taken to be bad as a whole, lest one flood of bad lines costs the others their time.
 */
const maxRefusals = 64;

export interface SendOptions {
  readonly deliverer: Deliverer;
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

/** What became of lines: each is delivered, refused or left. */
export interface SentLines {
  readonly delivered: number;
  /** One per reason. */
  readonly refused: readonly Refusal[];
  /** The last of them: what InfluxDB did not take, or could not be asked about in time. */
  readonly left: readonly string[];
  /** Why lines are left; undefined when none is, or when time was up. */
  readonly problem: WriteAnswer | undefined;
}

/**
 * Sends lines until InfluxDB has stored or refused each of them: what it cannot take now is sent again after a pause;
 * what is too large or holds bad lines is split and sent again, which does no harm to the good ones, as points
 * overwrite themselves. The first answer that says that InfluxDB is down ends it. Never rejects.
 */
export async function sendLines(lines: readonly string[], options: SendOptions): Promise<SentLines> {
  const { clock, untilMs } = options;
  const refused = createRefusals();
  let waiting = chunksOf(lines, maxLinesPerRequest);
  let delivered = 0;
  let refusals = 0;
  const ended = (left: readonly (readonly string[])[], problem?: WriteAnswer): SentLines => ({
    delivered,
    refused: refused.all(),
    left: left.flat(),
    problem,
  });
  for (let chunk = waiting.shift(); chunk !== undefined; chunk = waiting.shift()) {
    if (clock.now() >= untilMs) return ended([chunk, ...waiting]);
    const answer = await tryChunk(chunk, options);
    if (answer.outcome === 'retryable') return ended([chunk, ...waiting], answer);
    if (answer.outcome === 'delivered') {
      delivered += chunk.length;
      continue;
    }
    refusals += 1;
    const half = Math.ceil(chunk.length / 2);
    if (chunk.length === 1 || (answer.outcome === 'rejected' && refusals > maxRefusals)) refused.add(chunk, answer);
    else if (answer.outcome === 'rejected') waiting.unshift(chunk.slice(0, half), chunk.slice(half));
    // The rest of the lines would be too large in the same way.
    else waiting = [chunk, ...waiting].flatMap((each) => chunksOf(each, half));
  }
  return ended([]);
}

async function tryChunk(chunk: readonly string[], options: SendOptions): Promise<WriteAnswer> {
  const { clock, jitter, untilMs, maxTries, mayTryAgain } = options;
  for (let tries = 1; ; tries += 1) {
    const leftMs = untilMs - clock.now();
    const deadlineMs = Math.max(1, tries < maxTries ? leftMs * firstTryShare : leftMs);
    const answer = await ask(chunk, deadlineMs, options);
    if (answer.outcome !== 'retryable' || needsMending(answer) || tries >= maxTries) return answer;
    const pauseMs = answer.retryAfterMs ?? jitter() * firstPauseMs * 2 ** (tries - 1);
    const nextMs = clock.now() + pauseMs;
    if (nextMs >= untilMs) return answer;
    await clock.sleepUntil(nextMs);
    if (!mayTryAgain()) return answer;
  }
}

/** The time is a deliverer's own to keep; but one whose secret store hangs must not take the lines with it. */
async function ask(
  chunk: readonly string[],
  deadlineMs: number,
  { deliverer, clock }: Pick<SendOptions, 'deliverer' | 'clock'>,
): Promise<WriteAnswer> {
  try {
    const [answer] = await inTime(clock, deadlineMs + overtimeMs, deliverer.deliver(chunk, { deadlineMs }));
    return answer ?? { outcome: 'delivered' };
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown failure';
    return { outcome: 'retryable', reason: `neither InfluxDB nor its token: ${reason}` };
  }
}

/** A token or a bucket that somebody has to mend: trying again at once is of no use. */
export function needsMending({ status }: Pick<WriteAnswer, 'status'>): boolean {
  return status === 401 || status === 403 || status === 404;
}

function chunksOf(lines: readonly string[], size: number): (readonly string[])[] {
  const chunks: (readonly string[])[] = [];
  for (let start = 0; start < lines.length; start += size) chunks.push(lines.slice(start, start + size));
  return chunks;
}

/** Gathers refused lines by InfluxDB's reason: a wrong type in every sample is one dead letter, not a hundred. */
function createRefusals(): { add(lines: readonly string[], answer: WriteAnswer): void; all(): readonly Refusal[] } {
  const byReason = new Map<string, { lines: string[]; status: number | undefined; reason: string }>();
  return {
    add(lines, { status, reason = '' }) {
      const key = `${status} ${reason}`;
      const known = byReason.get(key);
      if (known === undefined) byReason.set(key, { lines: [...lines], status, reason });
      else known.lines.push(...lines);
    },
    all: () => [...byReason.values()],
  };
}

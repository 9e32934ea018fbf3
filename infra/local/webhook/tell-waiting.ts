import type { Clock } from '../../../lambda/runtime/clock.ts';
import { instantOf } from './event-files.ts';
import type { EventFiles } from './event-files.ts';

/** Whoever is called has so long to answer, ms. */
const answerMs = 5_000;
/** What could not be told for so long is given up, ms: a day. */
const longestWaitMs = 24 * 3_600_000;
/** Beyond so many that wait, the oldest are given up. */
const maxWaiting = 1_000;

export interface Telling {
  readonly url: URL;
  readonly files: EventFiles;
  readonly clock: Clock;
  /** What went wrong; the message holds nothing of the URL but its host, for the rest may be a secret. */
  readonly failed: (doing: string, error: unknown) => void;
}

interface Refusal {
  readonly why: string;
  /** It has answered: another event may be taken. */
  readonly isThere: boolean;
}

/**
 * Tells all events that wait, the oldest first; one that is refused does not keep back those after it. Rejects with an
 * Error of node:fs.
 * @returns false when some could not be told
 */
export async function tellWaiting(telling: Telling): Promise<boolean> {
  const { url, files, failed } = telling;
  const waiting = await giveUpOld(telling);
  let [told, first]: [number, Refusal | undefined] = [0, undefined];
  for (const name of waiting) {
    const body = await files.read(name);
    const refusal = body === undefined ? undefined : await post(body, telling);
    first ??= refusal;
    if (refusal?.isThere === false) break;
    if (refusal !== undefined) continue;
    await files.remove(name);
    told += 1;
  }
  if (first === undefined) return true;
  const left = waiting.length - told;
  const wait = left === 1 ? '1 event waits' : `${left} events wait`;
  failed(doing(url), new Error(`${first.why}; ${wait}, and it is tried again`));
  return false;
}

/** @returns what is left */
async function giveUpOld({ url, files, clock, failed }: Telling): Promise<readonly string[]> {
  const all = await files.list();
  const tooMany = Math.max(0, all.length - maxWaiting);
  const [givenUp, left]: [string[], string[]] = [[], []];
  for (const [index, name] of all.entries()) {
    const isGivenUp = index < tooMany || clock.now() - instantOf(name) > longestWaitMs;
    (isGivenUp ? givenUp : left).push(name);
  }
  for (const name of givenUp) await files.remove(name);
  const were = givenUp.length === 1 ? '1 event was' : `${givenUp.length} events were`;
  if (givenUp.length > 0) failed(doing(url), new Error(`${were} given up`));
  return left;
}

const doing = (url: URL): string => `telling the webhook at ${url.host}`;

/** @returns why it could not be told; undefined when it was */
async function post(body: string, { url, clock }: Telling): Promise<Refusal | undefined> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      redirect: 'manual',
      signal: clock.deadline(answerMs),
    });
    await answer.body?.cancel();
    return answer.ok ? undefined : { why: `it answered ${answer.status}`, isThere: true };
  } catch (error) {
    return { why: whyUnreachable(error), isThere: false };
  }
}

function whyUnreachable(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `it did not answer within ${answerMs / 1000} s`;
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  return `it cannot be reached${code === undefined ? '' : ` (${code})`}`;
}

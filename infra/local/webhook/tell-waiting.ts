import type { Clock } from '../../../lambda/runtime/clock.ts';
import type { RunEvent } from '../../../lambda/runs/events/run-event.ts';
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

/** What is told in one go. */
export interface Round {
  /** Ends it early, once what is under way is answered: called off, it would be told again. */
  readonly stop: AbortSignal;
  /** The names of events that were refused before and are not tried again yet. */
  readonly leaveOut: ReadonlySet<string>;
}

export interface Told {
  /** Whoever is called has answered, or there was nothing to tell. */
  readonly isThere: boolean;
  /** The names of events that were answered with something else than 2xx, and those that wait for them. */
  readonly refused: ReadonlySet<string>;
}

/**
 * Tells the events that wait, the oldest first. One that is refused keeps back those of the same run, so that they come in
 * their order, and no others. Rejects with an Error of node:fs.
 */
export async function tellWaiting(telling: Telling, { stop, leaveOut }: Round): Promise<Told> {
  const { url, files, failed } = telling;
  const waiting = await giveUpOld(telling);
  const [refused, heldRuns] = [new Set<string>(), new Set<string>()];
  let [left, isThere, problem]: [number, boolean, string | undefined] = [waiting.length, true, undefined];
  for (const name of waiting) {
    if (stop.aborted || !isThere) break;
    const body = await files.read(name);
    const run = runOf(body);
    if (leaveOut.has(name) || heldRuns.has(run)) {
      heldRuns.add(run);
      refused.add(name);
      continue;
    }
    const answer = body === undefined ? 'told' : await post(body, telling);
    if (answer === 'told') {
      await files.remove(name);
      left -= 1;
      continue;
    }
    isThere = answer.isThere;
    problem ??= answer.why;
    heldRuns.add(run);
    if (isThere) refused.add(name);
  }
  const wait = left === 1 ? '1 event waits' : `${left} events wait`;
  if (problem !== undefined && !stop.aborted)
    failed(doing(url), new Error(`${problem}; ${wait}, and it is tried again`));
  return { isThere, refused };
}

/** Which run an event is of; of what is no event, as a damaged file, none. */
function runOf(body: string | undefined): string {
  try {
    const { run } = JSON.parse(body ?? '{}') as Partial<RunEvent>;
    return `${run?.target} ${run?.run}`;
  } catch {
    return '';
  }
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

type Answer = 'told' | { readonly why: string; readonly isThere: boolean };

async function post(body: string, { url, clock }: Telling): Promise<Answer> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      redirect: 'manual',
      signal: clock.deadline(answerMs),
    });
    await answer.body?.cancel();
    return answer.ok ? 'told' : { why: `it answered ${answer.status}`, isThere: true };
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

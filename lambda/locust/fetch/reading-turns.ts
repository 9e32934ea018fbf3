/** A body that may have to wait for its turn. */
export interface TurnTaker {
  /** No further bytes, please, until `resume`. */
  pause(): void;
  resume(): void;
}

/** One body's part in the turns. */
export interface BodyTurns {
  /** A piece was read. May pause the body. @param bytes all that was read of it so far */
  took(bytes: number): void;
  /** It is read to its end, or given up: it is never paused or resumed again. */
  leave(): void;
}

/** Keeps bodies that are being read from having the process to themselves. */
export interface ReadingTurns {
  open(taker: TurnTaker): BodyTurns;
}

/**
 * So long bodies are read at a stretch. A socket alone may bring 2 MiB before any other has its turn: forty of them at once
 * held up all timers and answers for most of a second.
 */
const turnMs = 25;
/** A body up to this size never waits: about 100 rows. */
const freeBytes = 64 * 1024;

/**
 * Turns of 25 ms: once one is over, bodies above 64 KiB wait until timers and other sockets have had theirs. Of those that
 * wait the smallest goes on first, so that a usual answer is never behind a huge one.
 * @param passedMs the time passed, by a clock that is cheap to ask and never set, ms
 * @param afterOthers calls once timers and sockets that are ready now have been served
 */
export function createReadingTurns(
  passedMs: () => number,
  afterOthers: (next: () => void) => void = setImmediate,
): ReadingTurns {
  const waiting = new Map<TurnTaker, number>();
  let beganAtMs: number | undefined;

  const begin = (): number => {
    afterOthers(goOn);
    return passedMs();
  };
  const goOn = (): void => {
    const taker = smallestOf(waiting);
    beganAtMs = taker === undefined ? undefined : begin();
    if (taker === undefined) return;
    waiting.delete(taker);
    taker.resume();
  };
  return {
    open(taker) {
      let hasLeft = false;
      return {
        took(bytes) {
          beganAtMs ??= begin();
          if (hasLeft || bytes <= freeBytes || passedMs() - beganAtMs < turnMs) return;
          waiting.set(taker, bytes);
          taker.pause();
        },
        leave() {
          hasLeft = true;
          waiting.delete(taker);
        },
      };
    },
  };
}

function smallestOf(waiting: ReadonlyMap<TurnTaker, number>): TurnTaker | undefined {
  let [smallest, least]: [TurnTaker | undefined, number] = [undefined, Infinity];
  for (const [taker, bytes] of waiting) if (bytes < least) [smallest, least] = [taker, bytes];
  return smallest;
}

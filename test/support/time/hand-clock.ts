import type { Clock } from '../../../lambda/runtime/clock.ts';
import { noDeadline } from './patient-clock.ts';

interface Sleeper {
  untilMs: number;
  readonly wake: () => void;
}

/** A clock that a test moves. Its deadlines never come: nothing that works is ever too late by it. */
export interface HandClock extends Clock {
  /** Moves on to an instant; sleepers wake in order, and each acts before the next one wakes. */
  advanceTo(instantMs: number): Promise<void>;
  /** Moves on by itself, whenever nothing counted by `busy` is under way, until the work is done. */
  runUntilDone<Result>(work: Promise<Result>): Promise<Result>;
  /** Counts what a port does as under way: time stands still as long as something real happens. */
  busy<Port extends object>(port: Port): Port;
  /** Nothing is under way. */
  quiet(): Promise<void>;
  /** How many sleep. */
  readonly sleeping: number;
  /** A jump, as when a machine's clock is set: sleepers see it when they wake. */
  jumpTo(instantMs: number): void;
  /** The machine's time is set, and no time passes: who sleeps still sleeps for as long as before. */
  setTo(instantMs: number): void;
}

/** @param startAtMs what it shows first */
export function createHandClock(startAtMs: number): HandClock {
  let nowMs = startAtMs;
  /** How far it was set ahead, ms. */
  let setByMs = 0;
  let underWay = 0;
  let sleepers: Sleeper[] = [];

  const wakeFirst = async (untilMs: number): Promise<boolean> => {
    const first = sleepers.toSorted((a, b) => a.untilMs - b.untilMs)[0];
    if (first === undefined || first.untilMs > untilMs) return false;
    sleepers = sleepers.filter((each) => each !== first);
    nowMs = Math.max(nowMs, first.untilMs);
    first.wake();
    await quiet();
    return true;
  };

  // What is under way has callbacks of its own; some turns of the event loop let them begin what comes next.
  const quiet = async (): Promise<void> => {
    for (let quietTurns = 0; quietTurns < 4;) {
      await new Promise((resolve) => setImmediate(resolve));
      quietTurns = underWay === 0 ? quietTurns + 1 : 0;
    }
  };

  return {
    now: () => nowMs,
    passedMs: () => nowMs - setByMs,
    deadline: noDeadline,
    sleepUntil(untilMs, signal) {
      return new Promise((resolve, reject) => {
        const sleeper = { untilMs, wake: resolve };
        sleepers.push(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers = sleepers.filter((each) => each !== sleeper);
          reject(new DOMException('called off', 'AbortError'));
        });
        if (untilMs <= nowMs) {
          sleepers = sleepers.filter((each) => each !== sleeper);
          resolve();
        }
      });
    },
    async advanceTo(instantMs) {
      await quiet();
      while (await wakeFirst(instantMs));
      nowMs = instantMs;
      await quiet();
    },
    async runUntilDone(work) {
      const progress = { isDone: false };
      const done = work.finally(() => {
        progress.isDone = true;
      });
      done.catch(() => undefined);
      for (;;) {
        await quiet();
        if (progress.isDone) return done;
        await wakeFirst(Infinity);
      }
    },
    busy(port) {
      return new Proxy(port, {
        get(target, key, receiver) {
          const member: unknown = Reflect.get(target, key, receiver);
          if (typeof member !== 'function') return member;
          return (...given: unknown[]): unknown => {
            const result: unknown = Reflect.apply(member, target, given);
            if (!(result instanceof Promise)) return result;
            underWay += 1;
            return result.finally(() => {
              underWay -= 1;
            });
          };
        },
      });
    },
    quiet,
    get sleeping() {
      return sleepers.length;
    },
    jumpTo(instantMs) {
      setByMs += instantMs - nowMs;
      nowMs = instantMs;
    },
    setTo(instantMs) {
      const byMs = instantMs - nowMs;
      setByMs += byMs;
      sleepers = sleepers.map((each) => Object.assign(each, { untilMs: each.untilMs + byMs }));
      nowMs = instantMs;
    },
  };
}

/** The same clock with deadlines that come as it moves on: for parts that hang, which must not count as under way. */
export function withDeadlines(clock: HandClock): Clock {
  return {
    now: () => clock.now(),
    passedMs: () => clock.passedMs(),
    sleepUntil: (untilMs, signal) => clock.sleepUntil(untilMs, signal),
    deadline(afterMs) {
      const deadline = new AbortController();
      void clock.sleepUntil(clock.now() + afterMs).then(() => {
        deadline.abort();
      });
      return deadline.signal;
    },
  };
}

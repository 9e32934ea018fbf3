import { countDown } from '../runtime/clock.ts';
import type { Clock } from '../runtime/clock.ts';
import { inTime } from '../runtime/in-time.ts';
import type { CollectorPorts } from './window-context.ts';

/** DynamoDB usually answers within 20 ms; a table that does not must not hold a sample up until its next instant. */
export const registryLimitMs = 900;

/** Half of the shortest grace, so that the instant can still be sampled. */
const claimTriesMs = 500;
const claimPauseMs = 100;

/** Parameter Store and the queue as well: where a network reaches neither, a window must not wait until Lambda kills it. */
const secretsLimitMs = 2_000;
const wakeLimitMs = 5_000;

/**
 * The same ports, but nothing waits for the tables longer than 0.9 s; reading the targets has limits of its own.
 * What is late may still be written: the next write finds out.
 */
export function limitRegistry(ports: CollectorPorts): CollectorPorts {
  const { clock, targets, runs, wake, windows, claims } = ports;
  const limited = <Result>(work: Promise<Result>): Promise<Result> => inTime(clock, registryLimitMs, work);
  return {
    ...ports,
    secretsOf: (target) => inTime(clock, secretsLimitMs, ports.secretsOf(target)),
    wake: { request: (polls) => inTime(clock, wakeLimitMs, wake.request(polls)) },
    targets: {
      readWatched: (share) => targets.readWatched(share),
      adoptStrays: (share, round) => targets.adoptStrays(share, round),
      unwatch: (target) => limited(targets.unwatch(target)),
      writeStatus: (id, status, knownRun) => limited(targets.writeStatus(id, status, knownRun)),
    },
    ...(windows !== undefined && {
      windows: { save: (window, endedAtMs) => limited(windows.save(window, endedAtMs)) },
    }),
    claims: claims && {
      read: (share) => limited(claims.read(share)),
      readOthers: (shards) => limited(claims.readOthers(shards)),
      // A write that was done all the same is found by the next one: it answers false.
      replace: (...write) => triedAgain(clock, () => limited(claims.replace(...write))),
    },
    runs: {
      // Four requests at once, of a hundred each.
      read: (keys) => inTime(clock, registryLimitMs * Math.max(1, keys.length / 400), runs.read(keys)),
      save: (run, owner) => limited(runs.save(run, owner)),
      replace: (run, owner, before) => limited(runs.replace(run, owner, before)),
      saveResult: (...given) => limited(runs.saveResult(...given)),
      readResult: (key) => limited(runs.readResult(key)),
      findBaseline: (query) => limited(runs.findBaseline(query)),
      newest: (target, untilMs) => limited(runs.newest(target, untilMs)),
    },
  };
}

/**
 * A claim decides who samples an instant. Where its write fails at once, as throttled ones do, it is tried again, but not
 * for so long that the instant is missed.
 */
async function triedAgain<Result>(clock: Clock, write: () => Promise<Result>): Promise<Result> {
  const leftMs = countDown(clock, clock.now() + claimTriesMs);
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (claimPauseMs >= leftMs()) throw error;
      await clock.sleepUntil(clock.now() + claimPauseMs);
    }
  }
}

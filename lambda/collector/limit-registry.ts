import { inTime } from '../runtime/in-time.ts';
import type { CollectorPorts } from './window-context.ts';

/** DynamoDB answers within 20 ms as a rule; a table that does not must not hold a sample up until its next instant. */
export const registryLimitMs = 900;

/** Parameter Store and the queue as well: where a network leads to neither, a window must not wait for them to its kill. */
const secretsLimitMs = 2_000;
const wakeLimitMs = 5_000;

/**
 * The same ports, but nothing waits for the tables longer than 0.9 s; reading all targets has a limit of its own.
 * What is late may still be written: the next write finds out.
 */
export function limitRegistry(ports: CollectorPorts): CollectorPorts {
  const { clock, targets, runs, wake, windows } = ports;
  const limited = <Result>(work: Promise<Result>): Promise<Result> => inTime(clock, registryLimitMs, work);
  return {
    ...ports,
    secretsOf: (target) => inTime(clock, secretsLimitMs, ports.secretsOf(target)),
    wake: { request: (looks) => inTime(clock, wakeLimitMs, wake.request(looks)) },
    targets: {
      scan: (share) => targets.scan(share),
      writeStatus: (id, status, knownRun) => limited(targets.writeStatus(id, status, knownRun)),
    },
    ...(windows !== undefined && {
      windows: { save: (window, endedAtMs) => limited(windows.save(window, endedAtMs)) },
    }),
    runs: {
      // Four requests at once, of a hundred each.
      read: (keys) => inTime(clock, registryLimitMs * Math.max(1, keys.length / 400), runs.read(keys)),
      save: (run, owner) => limited(runs.save(run, owner)),
      replace: (run, owner, before) => limited(runs.replace(run, owner, before)),
    },
  };
}

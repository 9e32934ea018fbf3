/** May lines be sent now: as usual, once to see whether InfluxDB is back, or not at all. */
export type Permission = 'send' | 'probe' | 'keep';

/**
 * Remembers that InfluxDB is down, so that an outage costs one attempt an instant and not three for every delivery.
 * Lives in memory alone: a new process learns it with its first delivery.
 */
export interface Breaker {
  /** An instant has come: one probe is free again. */
  allowProbe(): void;
  /** Asked for before each delivery; where it gives `probe`, the instant's probe is used up. */
  takePermission(nowMs: number): Permission;
  /** InfluxDB has answered as a store that works. */
  recordSuccess(): void;
  /** InfluxDB is down. @param untilMs when it asked to be left alone until an instant: no probe before */
  recordFailure(untilMs?: number): void;
  readonly isOpen: boolean;
}

/** Longer than InfluxDB may ask for: a clock that was set back must not keep lines away for longer. */
const maxQuietMs = 3_600_000;

/** Starts out believing that InfluxDB is up. */
export function createBreaker(): Breaker {
  let isOpen = false;
  let mayProbe = false;
  let quietUntilMs = 0;
  return {
    allowProbe() {
      mayProbe = true;
    },
    takePermission(nowMs) {
      if (!isOpen) return 'send';
      const isQuiet = nowMs < quietUntilMs && quietUntilMs - nowMs <= maxQuietMs;
      if (!mayProbe || isQuiet) return 'keep';
      mayProbe = false;
      return 'probe';
    },
    recordSuccess() {
      isOpen = false;
      quietUntilMs = 0;
    },
    recordFailure(untilMs = 0) {
      isOpen = true;
      quietUntilMs = Math.max(quietUntilMs, untilMs);
    },
    get isOpen() {
      return isOpen;
    },
  };
}

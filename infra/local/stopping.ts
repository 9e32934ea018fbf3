/** What was started, to be stopped in the opposite order. */
export interface Stopping {
  add(stop: () => Promise<void> | void): void;
  /** Stops everything once; a second call has nothing left to stop. */
  stopAll(): Promise<void>;
}

export function createStopping(): Stopping {
  const stops: (() => Promise<void> | void)[] = [];
  return {
    add(stop) {
      stops.push(stop);
    },
    async stopAll() {
      for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) await stop();
    },
  };
}

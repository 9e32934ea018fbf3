/** A time in which a process did nothing, because the machine had other things to do. */
export interface Stall {
  readonly fromAtMs: number;
  readonly untilMs: number;
}

const tickMs = 100;
const stallMs = 500;

/** Watches this process until it is asked to stop, which answers with all its stalls. Does not keep it alive. */
export function watchStalls(seen: (stall: Stall) => void = () => undefined): { stop(): readonly Stall[] } {
  const stalls: Stall[] = [];
  let beforeAtMs = Date.now();
  const look = (): void => {
    const stall = { fromAtMs: beforeAtMs, untilMs: Date.now() };
    beforeAtMs = stall.untilMs;
    if (stall.untilMs - stall.fromAtMs <= tickMs + stallMs) return;
    stalls.push(stall);
    seen(stall);
  };
  const timer = setInterval(look, tickMs).unref();
  return {
    stop() {
      look();
      clearInterval(timer);
      return stalls;
    },
  };
}

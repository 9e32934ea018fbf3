/** A time in which a process did nothing, because the machine had other things to do. */
export interface Stall {
  readonly fromMs: number;
  readonly untilMs: number;
}

const tickMs = 100;
const stallMs = 500;

/** Watches this process until it is told to stop, which answers with all its stalls. Does not keep it alive. */
export function watchStalls(seen: (stall: Stall) => void = () => undefined): { stop(): readonly Stall[] } {
  const stalls: Stall[] = [];
  let beforeMs = Date.now();
  const look = (): void => {
    const stall = { fromMs: beforeMs, untilMs: Date.now() };
    beforeMs = stall.untilMs;
    if (stall.untilMs - stall.fromMs <= tickMs + stallMs) return;
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

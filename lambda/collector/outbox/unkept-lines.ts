import { joinLines, noLines, splitLines } from '../../influx/lines.ts';
import type { Lines } from '../../influx/lines.ts';
import type { WindowSummary } from '../window-figures/summary.ts';

/** So many lines stay in memory where even keeping them fails: about 15 MB. */
const maxUnkeptLines = 50_000;

/** Lines that could neither be delivered nor kept, in memory alone, for the time of one window. */
export interface UnkeptLines {
  /** Those beyond the room that there is are lost. */
  hold(lines: Lines): void;
  readonly count: number;
  /** Hands them out, to be tried again. */
  take(): Lines;
  /** Gives them up. */
  lose(): void;
}

/** @param parts.onLost called with the lines that are given up; they are counted already */
export function holdUnkept({
  summary,
  onLost,
}: {
  readonly summary: Pick<WindowSummary, 'pointsLost'>;
  readonly onLost: (lines: number) => void;
}): UnkeptLines {
  let held = noLines;
  const lose = ({ count }: Lines): void => {
    if (count === 0) return;
    summary.pointsLost += count;
    onLost(count);
  };
  const take = (): Lines => {
    const taken = held;
    held = noLines;
    return taken;
  };
  return {
    hold(lines) {
      const [fitting, beyond] = splitLines(lines, maxUnkeptLines - held.count);
      held = joinLines([held, fitting]);
      lose(beyond);
    },
    get count() {
      return held.count;
    },
    take,
    lose() {
      lose(take());
    },
  };
}

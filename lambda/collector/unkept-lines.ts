import type { WindowSummary } from './summary.ts';

/** So many lines stay in memory where even keeping them fails: about 15 MB. */
const maxLines = 50_000;

/** Lines that could neither be delivered nor kept, in memory alone, for the time of one window. */
export interface UnkeptLines {
  /** Those beyond the room that there is are lost: counted and told. */
  hold(lines: readonly string[]): void;
  count(): number;
  /** Hands them out, to be tried again. */
  take(): readonly string[];
  /** Gives them up: counted and told. */
  lose(): void;
}

/** @param parts.lost is told of lines that are given up, once they are counted in the summary */
export function createUnkeptLines(parts: {
  readonly summary: WindowSummary;
  readonly lost: (lines: number) => void;
}): UnkeptLines {
  const held: string[] = [];
  const giveUp = (lines: number): void => {
    if (lines <= 0) return;
    parts.summary.pointsLost += lines;
    parts.lost(lines);
  };
  return {
    hold(lines) {
      const room = maxLines - held.length;
      for (const line of lines.slice(0, room)) held.push(line);
      giveUp(lines.length - room);
    },
    count: () => held.length,
    take: () => held.splice(0),
    lose() {
      giveUp(held.splice(0).length);
    },
  };
}

/**
 * Points in line protocol as one text. It is taken apart only where InfluxDB rejects some of them, or where they are too
 * many for one request.
 */
export interface Lines {
  /** One line for each point, with `\n` between them and none at the end; empty when there is none. */
  readonly text: string;
  readonly count: number;
}

/** As many as one request to InfluxDB, one entry of the spool and a full outbox hold: InfluxData's own advice. */
export const maxLinesPerRequest = 5_000;

export const noLines: Lines = { text: '', count: 0 };

/** @param lines without line breaks, none of them empty */
export function toLines(lines: readonly string[]): Lines {
  return { text: lines.join('\n'), count: lines.length };
}

/** The lines of a text from outside, such as an object that was stored; empty ones are left out. */
export function parseLines(text: string): Lines {
  const tidy = /^\n|\n\n|\n$/.test(text) ? text.replace(/\n{2,}/g, '\n').replace(/^\n|\n$/g, '') : text;
  if (tidy === '') return noLines;
  let count = 1;
  for (let at = tidy.indexOf('\n'); at !== -1; at = tidy.indexOf('\n', at + 1)) count += 1;
  return { text: tidy, count };
}

export function joinLines(parts: readonly Lines[]): Lines {
  const filled = parts.filter(({ count }) => count > 0);
  const [first = noLines, ...others] = filled;
  if (others.length === 0) return first;
  return {
    text: filled.map(({ text }) => text).join('\n'),
    count: filled.reduce((sum, { count }) => sum + count, 0),
  };
}

/** Each line alone. */
export function separateLines({ text, count }: Lines): readonly string[] {
  return count === 0 ? [] : text.split('\n');
}

/** The first so many lines, and the rest. */
export function splitLines(lines: Lines, first: number): readonly [Lines, Lines] {
  if (first <= 0) return [noLines, lines];
  if (first >= lines.count) return [lines, noLines];
  let end = -1;
  for (let line = 0; line < first; line += 1) end = lines.text.indexOf('\n', end + 1);
  return [
    { text: lines.text.slice(0, end), count: first },
    { text: lines.text.slice(end + 1), count: lines.count - first },
  ];
}

/** Pieces of at most so many lines, in order: none for no lines. */
export function cutLines(lines: Lines, size = maxLinesPerRequest): readonly Lines[] {
  const pieces: Lines[] = [];
  for (let rest = lines; rest.count > 0;) {
    const [piece, others] = splitLines(rest, size);
    pieces.push(piece);
    rest = others;
  }
  return pieces;
}

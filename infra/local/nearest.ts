/**
 * The word most like another, by the fewest letters put in, left out or changed; undefined where none is alike.
 * @param word at most some hundred characters matter
 */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const given = word.toLowerCase().slice(0, 100);
  const alike = words.map((each) => ({ each, distance: distanceOf(given, each) }));
  const [best] = alike.toSorted((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= Math.max(2, best.each.length / 3) ? best.each : undefined;
}

/** Levenshtein's distance. */
function distanceOf(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of Array.from(one).entries()) {
    const next = [index + 1];
    for (const [column, otherLetter] of Array.from(other).entries()) {
      const changed = (row[column] ?? 0) + (letter === otherLetter ? 0 : 1);
      next.push(Math.min(changed, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

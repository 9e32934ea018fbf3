import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  cutLines,
  joinLines,
  noLines,
  parseLines,
  separateLines,
  splitLines,
  toLines,
} from '../../lambda/influx/lines.ts';

/** Any lines: none is empty, and none has a line break. */
const lines = fc.array(fc.string({ minLength: 1 }).map((text) => `m f=1 ${text.replaceAll('\n', ' ')}`));
const position = fc.integer({ min: -2, max: 40 });

it('lines come apart as they were put together, in any number of parts', () => {
  fc.assert(
    fc.property(fc.array(lines), (parts) => {
      const joined = joinLines(parts.map(toLines));
      expect(separateLines(joined)).toEqual(parts.flat());
      expect(joined.count).toBe(parts.flat().length);
      expect(parseLines(joined.text)).toEqual(joined);
    }),
  );
});

it('lines that are split or cut are the same lines, counted right', () => {
  fc.assert(
    fc.property(lines, position, fc.integer({ min: 1, max: 7 }), (all, first, size) => {
      const parts = splitLines(toLines(all), first);
      expect(parts.map(separateLines)).toEqual([all.slice(0, Math.max(0, first)), all.slice(Math.max(0, first))]);
      const pieces = cutLines(toLines(all), size);
      expect(pieces.flatMap(separateLines)).toEqual(all);
      for (const piece of [...parts, ...pieces]) expect(separateLines(piece)).toHaveLength(piece.count);
      expect(pieces.slice(0, -1).every(({ count }) => count === size)).toBe(true);
    }),
  );
});

it.each([
  ['', 0],
  ['\n\n', 0],
  ['a b=1', 1],
  ['a b=1\n', 1],
  ['\na b=1\n\n\nc d=1\n\n', 2],
])('a text from outside such as %j has its lines and no empty ones', (text, count) => {
  const parsed = parseLines(text);
  expect(parsed.count).toBe(count);
  expect(separateLines(parsed)).toEqual(text.split('\n').filter((line) => line !== ''));
});

it('no lines are no text, and cut into no piece', () => {
  expect([toLines([]), joinLines([]), joinLines([noLines, noLines])]).toEqual([noLines, noLines, noLines]);
  expect(cutLines(noLines)).toEqual([]);
});

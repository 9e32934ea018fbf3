import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normalTag, normalText } from '../../../lambda/influx/points/normal-form.ts';
import { hardText } from '../../support/locust/arbitrary-report.ts';

test('a normal form is its own normal form', () => {
  fc.assert(
    fc.property(hardText, (text) => {
      expect(normalTag(normalTag(text))).toBe(normalTag(text));
      expect(normalText(normalText(text))).toBe(normalText(text));
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['a\\', 'a＼'],
  ['\\\\', '＼＼'],
  ['a\r\nb', 'a  b'],
  ['\0\x7f\u0085\u2028\u2029', '     '],
  ['\ud83e x 🦗 \udd97', '\ufffd x 🦗 \ufffd'],
  [' a, b=c "d" ', ' a, b=c "d" '],
  ['', ''],
])('the tag %j is stored as %j', (text, stored) => {
  expect(normalTag(text)).toBe(stored);
});

test('a long tag is cut with a hash, never in the middle of a character', () => {
  expect(normalTag('a'.repeat(256))).toBe('a'.repeat(256));
  expect(normalTag('a'.repeat(257))).toMatch(/^a{247}…[0-9a-f]{8}$/);
  expect(normalTag('🦗'.repeat(200))).toMatch(/^(?:🦗){123}…[0-9a-f]{8}$/u);
});

test('long tags that differ at their end stay distinct, by half a surrogate pair too', () => {
  const start = 'a'.repeat(300);
  const stored = ['b', 'c', '\ud83e', '\ud83f', '\ufffd'].map((end) => normalTag(start + end));

  expect(new Set(stored).size).toBe(5);
});

test.each([
  ['a\nb \\ "c"', 'a b \\ "c"'],
  ['a'.repeat(1025), 'a'.repeat(1024)],
  ['商'.repeat(342), '商'.repeat(341)],
  [`${'a'.repeat(1022)}🦗`, 'a'.repeat(1022)],
  [`${'a'.repeat(1023)}🦗`, 'a'.repeat(1023)],
])('the string %j is stored within 1,024 bytes', (text, stored) => {
  expect(normalText(text)).toBe(stored);
});

import fc from 'fast-check';

const lineBreakers = Array.from('\\\\",= \n\r\t\0\x7f\u0085\u2028\'#ai1.0é商🦗');
/** Few enough for texts that differ, yet look the same once they can stand in a line. */
const lookAlikes = ['\\', '＼', '\n', '\t', ' '];

/** Texts out of what breaks lines, out of whatever else Unicode has, halves of surrogate pairs, and long ones. */
export const hardText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: fc.constantFrom(...lineBreakers), maxLength: 12 }) },
  { weight: 2, arbitrary: fc.string({ unit: fc.constantFrom(...lookAlikes), maxLength: 2 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  { weight: 1, arbitrary: fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 200, maxLength: 1_500 }) },
);

import { expect, test } from 'vitest';
import { LineError, parseLine } from '../../../infra/local/store/line-protocol-parser.ts';

test('a line is read with its names unescaped and its values typed', () => {
  const line = String.raw`m\,x\ y,a\ b=c\,d,e=f\=g a\=b=1i,c=-2.5e3,d=t,e="q \" \\ \n, =",f=.5 -12`;

  expect(parseLine(line)).toEqual({
    measurement: 'm,x y',
    tags: new Map([
      ['a b', 'c,d'],
      ['e', 'f=g'],
    ]),
    fields: new Map<string, unknown>([
      ['a=b', { type: 'integer', value: 1n }],
      ['c', { type: 'float', value: -2500 }],
      ['d', { type: 'boolean', value: true }],
      ['e', { type: 'string', value: String.raw`q " \ \n, =` }],
      ['f', { type: 'float', value: 0.5 }],
    ]),
    timestamp: -12n,
  });
});

test('a timestamp may be missing, and a string may hold a line break', () => {
  expect(parseLine('m s="a\nb"')).toMatchObject({ timestamp: undefined });
});

test.each([
  ['', 'empty measurement at column 1'],
  [' f=1', 'empty measurement at column 1'],
  ['m', 'no fields at column 2'],
  ['m ', 'empty field key at column 3'],
  ['m f', 'field key without a value at column 3'],
  ['m f=', 'no value at column 5'],
  ['m f=x 1', 'unknown value at column 5'],
  ['m f=NaN', 'unknown value at column 5'],
  ['m f=1e999', 'unknown value at column 5'],
  ['m f=0x10', 'unknown value at column 5'],
  ['m f=1u', 'unknown value at column 5'],
  ['m f=1.5i', 'unknown value at column 5'],
  ['m f=9223372036854775808i', 'integer beyond 64 bits at column 5'],
  ['m f=1,', 'empty field key at column 7'],
  ['m f=1,f=2', 'field f a second time at column 7'],
  ['m time=1', 'field time, which InfluxDB drops at column 3'],
  ['m f=1 x', 'unknown timestamp at column 7'],
  ['m f=1 ', 'unknown timestamp at column 7'],
  ['m f=1 1.5', 'unknown timestamp at column 7'],
  ['m f=1 9223372036854775808', 'timestamp beyond 64 bits at column 7'],
  ['m f=1 1 2', 'unknown timestamp at column 7'],
  ['m f="a', 'string without an end at column 5'],
  ['m f="a\\"', 'string without an end at column 5'],
  ['m f="a"b', 'something behind a value at column 8'],
  ['m,a f=1', 'unescaped " " in a tag key at column 4'],
  ['m,a= f=1', 'empty tag value at column 5'],
  ['m,=b f=1', 'empty tag key at column 3'],
  ['m,a=b,a=c f=1', 'tag a a second time at column 7'],
  ['m,time=1 f=1', 'tag key time, which InfluxDB keeps for itself at column 3'],
  ['m,a=b=c f=1', 'unescaped "=" in a tag value at column 6'],
  ['m,a=b\\ f=1', 'unescaped "=" in a tag value at column 9'],
  ['m,a=b\\\\ f=1', 'stray backslash in a tag value at column 6'],
  ['m,a=b\\', 'stray backslash in a tag value at column 6'],
  ['m,a=b\nc f=1', 'control character in a tag value at column 6'],
  ['m,a=\ud83e f=1', 'half a surrogate pair at column 5'],
  [`m,a=${'b'.repeat(66_000)} f=1`, 'measurement and tags of more than 65535 bytes at column 65536'],
])('%j is refused: %s', (line, message) => {
  expect(() => parseLine(line)).toThrow(new LineError(message));
});

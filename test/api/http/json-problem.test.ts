import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonProblem } from '../../../lambda/api/http/json-problem.ts';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('where a text stops being JSON', () => {
  it.each([
    ['', 'it ends too early, at line 1, column 1'],
    ['{"url": "x"', 'it ends too early, at line 1, column 12'],
    ['{\n  "url": "x",\n  "tags": }', 'unexpected "}" at line 3, column 11'],
    ['{"a": 1,}', 'unexpected "}" at line 1, column 9'],
    ["{'a': 1}", `unexpected "'" at line 1, column 2`],
    ['{"a": nul}', 'unexpected "n" at line 1, column 7'],
    ['{"a": hunter2}', 'unexpected "h" at line 1, column 7'],
    ['{"a": "hunter2}', `unexpected '"' at line 1, column 7`],
    ['[1, 2] 3', 'unexpected "3" at line 1, column 8'],
    ['{"a" 1}', 'unexpected "1" at line 1, column 6'],
    ['{"a": 01}', 'unexpected "1" at line 1, column 8'],
    ['[1}', 'unexpected "}" at line 1, column 3'],
    ['{"a":\r\n\u00e4}', 'unexpected character at line 2, column 1'],
  ])('%j: %s', (text, problem) => {
    expect(jsonProblem(text)).toBe(problem);
  });

  it('finds none in JSON, and one in all else, however it was damaged', () => {
    const damaged = fc
      .tuple(fc.json(), fc.nat(200), fc.nat(3), fc.constantFrom('', ',', '"', '}', ']', '{', ':', '1', 'e', '\\', '\n'))
      .map(([text, at, length, more]) => text.slice(0, at) + more + text.slice(at + length));
    fc.assert(
      fc.property(fc.oneof(fc.json(), damaged, fc.string()), (text) => {
        expect(jsonProblem(text) === undefined, text).toBe(isJson(text));
      }),
      { numRuns: 3_000 },
    );
  });

  it('reads 64 KiB of brackets as fast as of anything else', () => {
    expect(jsonProblem('['.repeat(64 * 1024))).toBe('it ends too early, at line 1, column 65537');
    expect(jsonProblem(`${'['.repeat(32_000)}${']'.repeat(32_000)}`)).toBeUndefined();
  });
});

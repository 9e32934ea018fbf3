const figures = '"num_requests":10,"num_failures":1,"avg_response_time":2.5,"current_rps":1.5,"median_response_time":3';
const total = `{"method":"","name":"Aggregated",${figures}}`;

/** An answer of Locust's shape. @param parts its rows, its errors, and what else it has, each as JSON */
function answer({ rows = '', errors = '', more = '' }: { rows?: string; errors?: string; more?: string }): string {
  const stats = rows === '' ? total : `${rows},${total}`;
  return `{"stats":[${stats}],"errors":[${errors}],"state":"running","user_count":1${more}}`;
}

const list = (count: number, entry: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => entry(index)).join(',');

/** Twice as many rows as are read, each with a name of about so many characters. */
const named = (piece: string): string => {
  const name = JSON.stringify(piece.repeat(Math.ceil(500 / piece.length))).slice(1, -1);
  return answer({ rows: list(4_000, (index) => `{"method":"GET","name":"${name}${index}",${figures}}`) });
};

/** Errors as long as they are read. None is like another, nor like one of an earlier turn. */
const failing = (piece: string, turn: number): string => {
  const text = JSON.stringify(piece.repeat(Math.ceil(500 / piece.length))).slice(1, -1);
  const error = (index: number): string => `{"name":"/${index}","error":"${turn} ${index} ${text}","occurrences":1}`;
  return answer({ errors: list(500, error) });
};

const more = (json: string): string => answer({ more: `,"more":${json}` });
const percentiles = (value: string): string =>
  list(20, (index) => `"response_time_percentile_0.${10 + index}":${value}`);

/**
 * Answers that look for what is dear, each below 100 kB once it is gzipped: what somebody who means harm would send.
 * @param turn another number makes other errors, of which none is remembered
 */
export const costlyReports: Readonly<Record<string, (turn: number) => string>> = {
  'names of spaces': () => named('\u2003 '),
  'names of Hangul syllables in parts': () => named('\u1100\u1161\u11a8'),
  'names of a character that stands for eighteen': () => named('\ufdfa'),
  'names with many marks on one letter': () => named(`a${'\u0301\u0323\u0327'.repeat(160)}`),
  'names that are escaped in lines': () => named(', ='),
  'names of halves of pairs': () => named('\ud83e'),
  'names of escapes': () => named('\t\n\\'),
  'the same row over and over': () => answer({ rows: list(5_000, () => `{"name":"/a",${figures}}`) }),
  'rows of ever other keys': () => answer({ rows: list(2_500, (index) => `{"a${index}":1,"b${index}":2,"name":"x"}`) }),
  'percentiles with long numbers': () =>
    answer({ rows: list(500, (index) => `{"name":"/${index}",${percentiles(`${index}.123456789012`)}}`) }).replace(
      '"Aggregated"',
      `"Aggregated",${percentiles('1')}`,
    ),
  ...Object.fromEntries(
    [
      '1 ',
      '500 ',
      'http 500 ',
      'status code: 503 ',
      '\u0661\u0662 ',
      "'1' ",
      'a@1 ',
      'a:',
      '1-',
      '1-.:/+=_%',
      '%4e',
    ].map((piece) => [`errors of ${JSON.stringify(piece)}`, (turn: number) => failing(piece, turn)]),
  ),
  ...Object.fromEntries(
    [
      '0x.',
      '*-',
      '\\',
      "\\'",
      '&amp;',
      '\n',
      '\u3000\t ',
      '🦗',
      'http://a/1?b=2&',
      '12345678-1234-1234-1234-123456789012',
    ].map((piece) => [`errors of ${JSON.stringify(piece)}`, (turn: number) => failing(piece, turn)]),
  ),
  'errors of 15 kB': () =>
    answer({ errors: list(500, (index) => `{"name":"/","error":"${'x'.repeat(15_000)}${index}"}`) }),
  'errors of escapes': () =>
    answer({ errors: list(500, (index) => `{"name":"/","error":"${'\\u00e9'.repeat(2_500)}${index}"}`) }),
  'errors that are objects': () => more(`{${list(5_000, (index) => `"k${index}":{"error":"e"}`)}}`),
  'more workers than there can be': () =>
    answer({ more: `,"workers":[${list(20_000, (index) => `{"id":"w${index}","user_count":1}`)}]` }),
  'lists a million deep': () => more(`${'['.repeat(2_000_000)}${']'.repeat(2_000_000)}`),
  'objects a million deep': () => more(`${'{"a":'.repeat(1_000_000)}1${'}'.repeat(1_000_000)}`),
  'the same key over and over': () => answer({ more: `,${list(100_000, () => '"state":"running"')}` }),
  'keys that reach for prototypes': () =>
    answer({ more: `,${list(15_000, () => '"__proto__":{"a":1},"constructor":1')}` }),
  'keys that are numbers': () => answer({ more: `,${list(20_000, (index) => `"${index * 7919}":1`)}` }),
  'empty objects': () => answer({ rows: list(150_000, () => '{}') }),
  'a list of null': () => answer({ rows: list(100_000, () => 'null') }),
  'one number of 8 MB': () => more('1'.repeat(8_000_000)),
  'fractions beyond what a double holds': () => more(`[${list(600, (index) => `0.${index}${'3'.repeat(760)}e-5`)}]`),
  'one text of 8 MB': () => more(`"${'x'.repeat(8_000_000)}"`),
  'one text of escapes': () => more(`"${'\\u0041'.repeat(1_300_000)}"`),
  'one text that does not end': () => `{"stats":["${'x'.repeat(8_000_000)}`,
  'spaces before it': () => `${' '.repeat(8_000_000)}${answer({})}`,
  'a page of HTML': () => `<html>${'<a>'.repeat(2_700_000)}`,
  'closing brackets alone': () => ']'.repeat(8_000_000),
  'colons alone': () => `{"stats":${':'.repeat(8_000_000)}`,
  'commas alone': () => `{"stats":[${','.repeat(8_000_000)}`,
  'empty texts alone': () => `{"stats":[${'""'.repeat(4_000_000)}`,
  'endless whole numbers alone': () => `{"stats":[${`${'7'.repeat(4_200)},`.repeat(1_900)}1]}`,
  'whole numbers alone that lose digits': () => `{"stats":[${'9007199254740993,'.repeat(470_000)}1]}`,
  'bytes that are nothing': () => '\0'.repeat(8_000_000),
};

import fc from 'fast-check';

/** How much of everything an answer has. Nothing of it is a size that a real Locust sends. */
export interface ReportSizes {
  readonly rows: number;
  readonly keysPerRow: number;
  readonly percentiles: number;
  readonly currentPercentiles: number;
  readonly errors: number;
  readonly workers: number;
  readonly nesting: number;
  readonly digits: number;
  readonly names: SizedText;
  readonly texts: SizedText;
  readonly state: SizedText;
  readonly spaces: number;
}

interface SizedText {
  readonly piece: string;
  readonly times: number;
}

/** What costs more than plain letters where somebody looks for it: escapes, ids, statuses, entities, half pairs. */
const pieces = [
  'a',
  '1',
  '"',
  '\\',
  "'1' ",
  '500 ',
  '&lt;',
  '商',
  '🦗',
  '\ud83e',
  '\n',
  'http://a/1?b=2&',
  'a1-',
  '%4e',
  '*',
];

const size = (max: number): fc.Arbitrary<number> =>
  fc.oneof(fc.nat(30), fc.nat(max), fc.constant(max), fc.constantFrom(0, 1));
const text = (max: number): fc.Arbitrary<SizedText> =>
  fc.record({ piece: fc.constantFrom(...pieces), times: size(max) });

/** Answers that are far too large in one thing or another. */
export const arbitrarySizes: fc.Arbitrary<ReportSizes> = fc.record({
  rows: size(20_000),
  keysPerRow: size(2_000),
  percentiles: size(40_000),
  currentPercentiles: size(40_000),
  errors: size(20_000),
  workers: size(30_000),
  nesting: size(100_000),
  digits: size(1_000_000),
  names: text(20_000),
  texts: text(20_000),
  state: text(1_000_000),
  spaces: size(1_000_000),
});

/** As large as those of a busy, well-kept test. */
export const plainSizes: ReportSizes = {
  rows: 500,
  keysPerRow: 0,
  percentiles: 2,
  currentPercentiles: 2,
  errors: 50,
  workers: 20,
  nesting: 1,
  digits: 3,
  names: { piece: '/item/', times: 3 },
  texts: { piece: '500 Server Error ', times: 4 },
  state: { piece: 'running', times: 1 },
  spaces: 1,
};

/** The answer's text, up to about so many characters: what does not fit is shortened. */
export function textOfSizes(sizes: ReportSizes, maxLength: number): string {
  const { rows, keysPerRow, percentiles, currentPercentiles, errors, workers, nesting, digits, spaces } = sizes;
  const share = Math.floor(maxLength / 8);
  const name = quoted(sizes.names, share);
  const error = quoted(sizes.texts, share);
  const more = list({ count: keysPerRow, max: share }, (index) => `,"key${index}":${index}`);
  const labels = (count: number): string =>
    list({ count, max: share }, (index) => `,"response_time_percentile_0.${100_000 + index}":${index}`);
  const figures =
    '"num_requests":10,"num_failures":1,"avg_response_time":2.5,"current_rps":1.5,"median_response_time":3';
  return [
    `{"stats":[${list({ count: rows, max: 3 * share }, (index) => `{"method":"GET","name":${name(index)},${figures}${more}},`)}`,
    `{"method":"","name":"Aggregated",${figures}${labels(percentiles)}}],"errors":[`,
    list(
      { count: errors, max: share },
      (index) => `{"name":${name(index)},"error":${error(index)},"occurrences":${index}},`,
    ),
    `{"name":"/","error":"last","occurrences":1}],"workers":[`,
    list({ count: workers, max: share }, (index) => `{"id":"w${index}","state":"running","user_count":1},`),
    `{"id":"last"}],"current_response_time_percentiles":{"a":1${labels(currentPercentiles)}},`,
    `"deep":${'['.repeat(nesting)}${']'.repeat(nesting)},"user_count":1${'0'.repeat(Math.min(digits, share))},`,
    `${' '.repeat(spaces)}"state":${quoted(sizes.state, share)('')}}`,
  ].join('');
}

function list(
  { count, max }: { readonly count: number; readonly max: number },
  entry: (index: number) => string,
): string {
  const entries: string[] = [];
  for (let index = 0, length = 0; index < count && length < max; index += 1) {
    const next = entry(index);
    entries.push(next);
    length += next.length;
  }
  return entries.join('');
}

function quoted({ piece, times }: SizedText, maxLength: number): (end: number | '') => string {
  const body = JSON.stringify(piece.repeat(Math.min(times, Math.floor(maxLength / piece.length / 6)))).slice(1, -1);
  return (end) => `"${body}${end}"`;
}

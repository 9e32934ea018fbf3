import fc from 'fast-check';
import type { Series } from '../../../lambda/influx/points/series.ts';
import type {
  EndpointRow,
  ErrorRow,
  Percentile,
  Report,
  RowFigures,
  WorkerRow,
} from '../../../lambda/locust/report/report.ts';

/** Characters that line protocol, its parsers, HTML, Python or UTF-16 give a meaning. */
const hardCharacters = Array.from('\\\\,, ==""\'\n\r\t\0\x7f\u0085\u2028\u2029#&;<>*:/.-_09afé商🦗').concat(
  '\ud83e',
  '\udd97',
  '＼',
  '…',
  '~',
);

/** Short texts of which many have the same normal form, texts out of all of Unicode, and texts beyond every limit. */
export const hardText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.constantFrom(...hardCharacters), { maxLength: 6 }).map((all) => all.join('')) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  { weight: 2, arbitrary: fc.constantFrom('/', 'GET /cart', '(other)', '/item/[id]?x=1,2&y=a b', '/\n', '/ ', 'a\\') },
  { weight: 1, arbitrary: longText() },
);

/** Around the limits of 256 UTF-16 units and 1,024 bytes, and far beyond, with pairs that must not be cut in two. */
function longText(): fc.Arbitrary<string> {
  const length = fc.oneof(fc.integer({ min: 240, max: 270 }), fc.integer({ min: 1000, max: 1040 }), fc.constant(5000));
  const unit = fc.constantFrom('a', '🦗', '商', ' ', '\\', '\ud83e', ',');
  return fc.tuple(unit, length, hardText5()).map(([one, count, end]) => (one.repeat(count) + end).slice(-count - 3));
}

function hardText5(): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom(...hardCharacters), { maxLength: 5 }).map((all) => all.join(''));
}

/** Any number that JSON can bring and some that it cannot, or nothing. */
const figure: fc.Arbitrary<number | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.double(),
  fc.nat(1_000_000),
  fc.maxSafeNat(),
  fc.constantFrom(0, -0, 1e21, 1e-7, 5e-324, Number.MAX_VALUE, 2 ** 53, -1, 0.5),
);

const percentiles: fc.Arbitrary<readonly Percentile[]> = fc.array(
  fc.record({ label: fc.constantFrom('50', '90', '95', '99', '99_9'), value: figure }),
  { maxLength: 4 },
);

const rowFigures = {
  numRequests: figure,
  numFailures: figure,
  avgResponseTime: figure,
  minResponseTime: figure,
  maxResponseTime: figure,
  medianResponseTime: figure,
  avgContentLength: figure,
  currentRps: figure,
  currentFailPerSec: figure,
  percentiles,
} satisfies Record<Exclude<keyof RowFigures, 'responseTimeSum'>, unknown>;

const method = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('GET', 'POST', '') },
  { weight: 1, arbitrary: hardText },
);

const endpoint: fc.Arbitrary<EndpointRow> = fc.record({ method, name: hardText, ...rowFigures });
const error: fc.Arbitrary<ErrorRow> = fc.record({ method, name: hardText, error: hardText, occurrences: figure });
const worker: fc.Arbitrary<WorkerRow> = fc.record({
  id: hardText,
  state: fc.option(hardText, { nil: undefined }),
  userCount: figure,
  cpuUsage: figure,
  memoryUsage: figure,
});

/** Any report: names that break lines, or that differ only in what a line cannot carry, and all kinds of numbers. */
export const arbitraryReport: fc.Arbitrary<Report> = fc.record({
  state: fc.oneof(fc.constantFrom('running', 'spawning'), hardText),
  userCount: figure,
  total: fc.record(rowFigures),
  failRatio: figure,
  currentPercentiles: percentiles,
  endpoints: fc.array(endpoint, { maxLength: 30 }),
  errors: fc.array(error, { maxLength: 60 }),
  workers: fc.option(fc.array(worker, { maxLength: 8 }), { nil: undefined }),
  otherWorkers: fc.constant(undefined),
  countersAgeMs: fc.constant(undefined),
  workerCount: figure,
  truncated: fc.boolean(),
  lacksEndpoints: fc.boolean(),
  badRows: fc.nat(10),
  notices: fc.constant([]),
});

/** Any series: project, target and run are what the registry lets through, the target's own tags are anything. */
export const arbitrarySeries: fc.Arbitrary<Series> = fc.record({
  project: hardText.filter((text) => text !== ''),
  target: hardText.filter((text) => text !== ''),
  run: fc.constant('20261122T140500Z'),
  tags: fc.dictionary(fc.oneof(hardText, fc.constantFrom('env', 'name', 'time', '_field', '_x', 'run')), hardText, {
    maxKeys: 6,
  }),
});

/** A report with nothing in it, to put something into. */
export const emptyReport: Report = {
  state: 'running',
  userCount: undefined,
  total: emptyRow(),
  failRatio: undefined,
  currentPercentiles: [],
  endpoints: [],
  errors: [],
  workers: undefined,
  otherWorkers: undefined,
  countersAgeMs: undefined,
  workerCount: undefined,
  truncated: false,
  lacksEndpoints: false,
  badRows: 0,
  notices: [],
};

/** Figures of a row of which Locust says nothing. */
export function emptyRow(): RowFigures {
  return {
    numRequests: undefined,
    numFailures: undefined,
    avgResponseTime: undefined,
    minResponseTime: undefined,
    maxResponseTime: undefined,
    medianResponseTime: undefined,
    avgContentLength: undefined,
    currentRps: undefined,
    currentFailPerSec: undefined,
    percentiles: [],
  };
}

import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeReport } from '../../../lambda/locust/report/decode-report.ts';
import type { EndpointRow } from '../../../lambda/locust/report/report.ts';
import { maxCriteria, maxCriterionLength, parseCriterion } from '../../../lambda/runs/criteria/criterion.ts';
import { judgeRun } from '../../../lambda/runs/criteria/judge-run.ts';
import { cpuTimeMs } from '../../../lambda/runtime/clock.ts';
import { plainSizes, textOfSizes } from '../../support/locust/report-of-sizes.ts';

/** On an idle machine a plain answer costs 5 ms: this is 100 ms. */
const mostTimesPlain = 20;
/** What else the machine does may double one measurement, but hardly so many in a row. */
const maxMeasurements = 6;

const words = { tooLarge: String, tooManyValues: String, unreadable: String, notLocust: String };
const plain = gzipSync(textOfSizes(plainSizes, 9_000_000));
const readPlain = () => decodeReport(plain, { contentEncoding: 'gzip', words });

async function costOf(work: () => unknown): Promise<number> {
  const usedBeforeMs = cpuTimeMs();
  await work();
  return cpuTimeMs() - usedBeforeMs;
}

/** How many plain answers of the same moment some work costs: measured again while it looks too dear. */
async function timesPlain(work: () => unknown): Promise<number> {
  let least = Infinity;
  for (let turn = 0; turn < maxMeasurements && least >= mostTimesPlain; turn += 1) {
    const costMs = await costOf(work);
    least = Math.min(least, costMs / (await costOf(readPlain)));
  }
  return least;
}

const pieces = fc.constantFrom('/', '\u{1d11e}', '\ud83e', ' ', '<', 'a=', '%', '\ufdfa', '7');
const named = fc.record({ piece: pieces, times: fc.integer({ min: 1, max: 1_000 }) });
const rules = fc.constantFrom(
  '* p95 < baseline + 1 ms',
  '* p99.9 >= baseline - 5 %',
  '* fail_ratio < baseline + 1 %',
  '* rps > 100000',
  'p95 < 1 s',
  'none avg < 1 ms',
);

const rowsOf = (name: string, value: number): EndpointRow[] =>
  Array.from({ length: 1_200 }, (_, index) => ({
    method: `GET${name.slice(0, 300)}`,
    name: `${name}${index}`,
    ...{ numRequests: 100_000, numFailures: 3, currentRps: undefined, currentFailPerSec: undefined },
    ...{ avgResponseTime: value, minResponseTime: value, maxResponseTime: value, medianResponseTime: value },
    avgContentLength: 1,
    percentiles: Array.from({ length: 20 }, (__, at) => ({ label: at === 19 ? '99.9' : String(80 + at), value })),
  }));

it('a verdict costs little more than a plain answer, whatever is asked of however many endpoints', async () => {
  for (let turn = 0; turn < 10; turn += 1) await readPlain();
  await fc.assert(
    fc.asyncProperty(named, fc.array(rules, { minLength: 1, maxLength: 5 }), async ({ piece, times }, asked) => {
      const texts = Array.from({ length: maxCriteria }, (_, index) => asked[index % asked.length] ?? '');
      const criteria = texts.flatMap((text) => {
        const parsed = parseCriterion(text);
        return parsed.ok ? [parsed.criterion] : [];
      });
      expect(criteria).toHaveLength(maxCriteria);
      const [endpoints, before] = [rowsOf(piece.repeat(times), 500), rowsOf(piece.repeat(times), 5)];
      const figuresOf = (rows: EndpointRow[]) => {
        const [total] = rows;
        if (total === undefined) throw new Error('no endpoint');
        return { total, endpoints: rows, countedMs: 60_000 };
      };
      const run = { ...figuresOf(endpoints), outcome: 'finished' as const, tally: undefined };
      const baseline = { ...figuresOf(before), run: '20261101T100000Z' };
      expect(await timesPlain(() => judgeRun(run, criteria, baseline))).toBeLessThan(mostTimesPlain);
    }),
    { numRuns: 5 },
  );
});

it('criteria cost as little to read, whatever they are made of', async () => {
  const text = fc.record({ piece: pieces, times: fc.integer({ min: 1, max: maxCriterionLength }) });
  await fc.assert(
    fc.asyncProperty(text, fc.constantFrom('', 'p95 < baseline', 'p95 <'), async ({ piece, times }, start) => {
      const criterion = (start + piece.repeat(times)).slice(0, maxCriterionLength);
      const readAll = (): void => {
        for (let index = 0; index < maxCriteria; index += 1) parseCriterion(criterion);
      };
      expect(await timesPlain(readAll)).toBeLessThan(mostTimesPlain);
    }),
    { numRuns: 15 },
  );
});

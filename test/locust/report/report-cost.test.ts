import { spawnSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { decodeSentReport } from '../../../lambda/api/reports/decode-sent-report.ts';
import { sampleLines } from '../../../lambda/influx/points/sample-lines.ts';
import { decodeReport } from '../../../lambda/locust/report/decode-report.ts';
import { cpuTimeMs } from '../../../lambda/runtime/clock.ts';
import { runner } from '../../support/rigs/typescript-program.ts';
import { costlyReports } from '../../support/locust/costly-reports.ts';
import { arbitrarySizes, plainSizes, textOfSizes } from '../../support/locust/report-of-sizes.ts';

/** Beyond what is decoded, so that the limit is met as well. */
const maxLength = 9_000_000;
/** On an idle machine a plain answer costs 5 ms: this is 100 ms. */
const mostTimesPlain = 20;
/** What else the machine does may double one measurement, but hardly so many in a row. */
const maxMeasurements = 6;

/** Of one sample, its garbage included: a Lambda of 256 MB reads 64 at once. */
const mostMegabytes = 32;

const series = { project: 'p', target: 't', run: '20261122T140500Z', tags: {} };
const words = { tooLarge: String, tooManyValues: String, unreadable: String, notLocust: String };

type Read = (body: Buffer) => ReturnType<typeof decodeReport>;
const fetched: Read = (body) => decodeReport(body, { contentEncoding: 'gzip', words });
const sent: Read = (bytes) => decodeSentReport({ bytes, contentEncoding: 'gzip' });

/** CPU time of one whole sample, ms: from the bytes to the lines. */
async function costOf(body: Buffer, read: Read): Promise<number> {
  const usedBeforeMs = cpuTimeMs();
  const decoded = await read(body);
  if (decoded.ok) {
    sampleLines({
      fetched: { ...decoded, sizeBytes: body.length, durationMs: 1 },
      series,
      instantMs: 1_795_356_310_000,
      states: [decoded.report.state],
      maxEndpoints: 500,
      maxErrors: 50,
    });
  }
  return cpuTimeMs() - usedBeforeMs;
}

/** The least of some: what else the machine does only adds. */
async function leastCostOf(bodyOf: () => Buffer, read: Read): Promise<number> {
  let least = Infinity;
  for (let turn = 0; turn < 3; turn += 1) least = Math.min(least, await costOf(bodyOf(), read));
  return least;
}

describe.each([
  ['fetched', fetched],
  ['sent', sent],
])('however large an answer is in whatever it has: %s', (_, read) => {
  const plain = gzipSync(textOfSizes(plainSizes, maxLength));
  beforeAll(async () => {
    // The first ones warm up.
    for (let turn = 0; turn < 20; turn += 1) await leastCostOf(() => plain, read);
  });

  /** How many plain ones of the same moment a sample costs: measured again while it looks too dear. */
  async function timesPlain(bodyOf: () => Buffer): Promise<number> {
    let least = Infinity;
    for (let turn = 0; turn < maxMeasurements && least >= mostTimesPlain; turn += 1) {
      const costMs = await leastCostOf(bodyOf, read);
      least = Math.min(least, costMs / (await leastCostOf(() => plain, read)));
    }
    return least;
  }

  test('one sample costs little more CPU than a plain one', { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(arbitrarySizes, async (sizes) => {
        const body = gzipSync(textOfSizes(sizes, maxLength));
        expect(await timesPlain(() => body)).toBeLessThan(mostTimesPlain);
      }),
      { numRuns: 25 },
    );
  });

  test.each(Object.entries(costlyReports))(
    'nor does one that means harm: %s',
    { timeout: 60_000 },
    async (_what, textOf) => {
      let turn = 0;
      // To make one takes longer than to read it; only those that go by the turn are made anew.
      const same = textOf.length === 0 ? gzipSync(textOf(turn)) : undefined;
      const bodyOf = (): Buffer => same ?? gzipSync(textOf((turn += 1)));
      expect(bodyOf().length).toBeLessThan(100_000);
      expect(await timesPlain(bodyOf)).toBeLessThan(mostTimesPlain);
    },
  );
});

describe('one sample takes little memory', () => {
  /** By how many MB the memory of a process of its own has grown after each answer. */
  function megabytesOf(bodies: readonly Buffer[]): number[] {
    const program = new URL('../programs/sample-memory.ts', import.meta.url).pathname;
    // With a small nursery, garbage does not look like need.
    const argv = ['--expose-gc', '--max-semi-space-size=2', runner, program];
    const input = JSON.stringify(bodies.map((body) => body.toString('base64')));
    const { stdout, stderr } = spawnSync(process.execPath, argv, { input, encoding: 'utf8' });
    expect(stderr).toBe('');
    return JSON.parse(stdout) as number[];
  }

  test('however large an answer is', { timeout: 300_000 }, () => {
    for (const sizes of fc.sample(arbitrarySizes, 8)) {
      const [megabytes = 0] = megabytesOf([gzipSync(textOfSizes(sizes, maxLength))]);
      expect(megabytes, JSON.stringify(sizes)).toBeLessThan(mostMegabytes);
    }
  });

  test('whatever somebody sends who means harm', { timeout: 300_000 }, () => {
    const grown = megabytesOf(Object.values(costlyReports).map((textOf) => gzipSync(textOf(1))));
    const tooMuch = Object.keys(costlyReports).filter((_, index) => !((grown[index] ?? NaN) < mostMegabytes));
    expect(tooMuch).toEqual([]);
  });
});

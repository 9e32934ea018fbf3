import { readFile } from 'node:fs/promises';
import type { Lines } from '../../lambda/influx/lines.ts';
import { sampleLines } from '../../lambda/influx/points/sample-lines.ts';
import type { Series } from '../../lambda/influx/points/series.ts';
import { createReportParser } from '../../lambda/locust/report/report.ts';
import type { Figure } from './figures.ts';
import { median, quartiles, ratios } from './statistics.ts';

const recorded = new URL('../fixtures/locust-reports/2.12.1-many.running.json', import.meta.url);
const rounds = 60;
/** Enough for one turn to be far longer than the clock's grain. */
const readingsPerTurn = 20;
const instantMs = Date.parse('2026-11-22T14:05:00Z');
const series: Series = { project: 'bench', target: 'shop', run: '20261122T140500Z', tags: { region: 'eu-west-1' } };

/** What becomes of an answer of 500 rows in the collector, next to `JSON.parse` of the same bytes. */
export async function reportToLines(): Promise<readonly Figure[]> {
  const bytes = await readFile(recorded);
  const subjects = {
    parse: () => JSON.parse(bytes.toString()) as unknown,
    lines: () => linesOf(bytes),
    joined: () => Buffer.from(linesOf(bytes).text),
  };
  const turns = { parse: [] as number[], lines: [] as number[], joined: [] as number[] };
  for (let round = -5; round < rounds; round += 1) {
    for (const name of ['parse', 'lines', 'joined'] as const) {
      const tookMs = timed(subjects[name]);
      // The first ones warm up.
      if (round >= 0) turns[name].push(tookMs);
    }
  }
  const bench = 'report-to-lines';
  const [lines, joined] = [ratios(turns.lines, turns.parse), ratios(turns.joined, turns.parse)];
  return [
    {
      bench,
      what: '500 rows, bytes → lines / JSON.parse',
      unit: '×',
      goal: 3,
      measured: median(lines),
      spread: quartiles(lines),
    },
    {
      bench,
      what: '500 rows, bytes → bytes to send / JSON.parse',
      unit: '×',
      measured: median(joined),
      spread: quartiles(joined),
    },
    {
      bench,
      what: 'JSON.parse, CPU of one reading',
      unit: 'ms',
      measured: median(turns.parse),
      spread: quartiles(turns.parse),
    },
  ];
}

function linesOf(bytes: Buffer): Lines {
  // As bytes, which is how an answer comes.
  const parser = createReportParser();
  parser.push(bytes);
  const parsed = parser.end();
  if (!parsed.ok) throw new Error(parsed.message);
  const { report, dialect } = parsed;
  const fetched = { ok: true as const, report, dialect, sizeBytes: bytes.length, durationMs: 12 };
  const lines = sampleLines({ fetched, series, instantMs, states: ['running'], maxEndpoints: 500, maxErrors: 50 });
  if (lines.count < 500) throw new Error(`only ${lines.count} lines`);
  return lines;
}

/** CPU of one reading, all threads, ms: on a busy machine the clock would also measure the others. */
function timed(read: () => unknown): number {
  globalThis.gc?.();
  const before = process.cpuUsage();
  for (let reading = 0; reading < readingsPerTurn; reading += 1) read();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / readingsPerTurn;
}

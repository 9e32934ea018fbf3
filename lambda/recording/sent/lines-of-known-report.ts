import { joinLines, noLines } from '../../influx/lines.ts';
import type { Lines } from '../../influx/lines.ts';
import type { RunRecords } from '../../runs/records/runs.ts';
import { countersFell } from '../../runs/same-test.ts';
import type { Run } from '../../runs/run.ts';
import { readEndLines } from '../ends/end-lines.ts';
import { startLines } from '../event-lines.ts';
import { linesUnder } from '../sample-lines-under.ts';
import type { SentReport } from './sent-report.ts';

/** A run id names a second. */
const idStepMs = 1_000;

/**
 * The lines of a report that is on record already, or is older than the newest: those that it had, or would have had,
 * with the start or the end that it showed. Rejects when the runs cannot be read.
 */
export async function readKnownReportLines(
  { target, fetched, atMs }: SentReport,
  run: Run,
  runs: Pick<RunRecords, 'newest' | 'readResult'>,
): Promise<Lines> {
  const { ended, total, startedAtMs } = run;
  const isEnd = ended?.outcome === 'finished' && ended.atMs === atMs;
  const isStart = startedAtMs === atMs;
  // The report that begins a run may have ended the one before.
  const before = isStart ? await runs.newest(target.id, startedAtMs - idStepMs) : undefined;
  return joinLines([
    before === undefined ? noLines : await readEndLines({ target, run: before }, runs),
    isStart ? startLines(target, run) : noLines,
    isEnd ? await readEndLines({ target, run }, runs) : noLines,
    linesUnder({ target, run, fetched, atMs, isFinal: isEnd && !countersFell(total, fetched.report.total) }),
  ]);
}

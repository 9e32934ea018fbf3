import type { RunRecords } from '../registry/runs.ts';
import { countersFell } from '../runs/run.ts';
import type { Run } from '../runs/run.ts';
import { startLines, stopLines } from './event-lines.ts';
import { linesUnder } from './follow-sample.ts';
import type { SentReport } from './sent-report.ts';

/** A run id tells seconds. */
const idStepMs = 1_000;

/**
 * The lines of a report that is on record already, or is older than the newest: those that it had, or would have had,
 * with the start or the end that it told. Rejects when the runs cannot be read.
 */
export async function linesAgain(
  { target, fetched, atMs }: SentReport,
  run: Run,
  runs: Pick<RunRecords, 'newest'>,
): Promise<readonly string[]> {
  const { ended, total, startedAtMs } = run;
  const isEnd = ended?.outcome === 'finished' && ended.atMs === atMs;
  const isStart = startedAtMs === atMs;
  // The report that begins a run may have ended the one before.
  const before = isStart ? await runs.newest(target.id, startedAtMs - idStepMs) : undefined;
  return [
    ...(before === undefined ? [] : stopLines(target, before)),
    ...(isStart ? startLines(target, run) : []),
    ...(isEnd ? stopLines(target, run) : []),
    ...linesUnder({ target, run, fetched, atMs, isFinal: isEnd && !countersFell(total, fetched.report.total) }),
  ];
}

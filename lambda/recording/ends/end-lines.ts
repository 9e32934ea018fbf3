import { joinLines, noLines } from '../../influx/lines.ts';
import type { Lines } from '../../influx/lines.ts';
import { reopenedRunPoint, runPoints } from '../../influx/points/run-points.ts';
import { pointLines } from '../../influx/points/sample-lines.ts';
import type { RunResult } from '../../runs/records/run-result.ts';
import type { RunResults } from '../../runs/records/run-results.ts';
import { wasStuck } from '../../runs/run.ts';
import type { Run, RunOutcome } from '../../runs/run.ts';
import type { Target } from '../../targets/target.ts';
import { eventLine, seriesOf } from '../event-lines.ts';
import { attempt } from '../recording-context.ts';
import type { FailureContext } from '../recording-context.ts';

// Whoever puts an end on record, or finds one there, writes its lines by one of these: a stop is never without the run's
// points, nor are they ever left as they were.

type Results = Pick<RunResults, 'readResult'>;

/** A run as its end stands on record. */
interface EndOnRecord {
  readonly target: Target;
  readonly run: Run;
}

/**
 * All that a run's end leaves behind besides its closing sample: its stop, and its points with what is on record of it.
 * Rejects when the figures of its endpoints cannot be read.
 * @param of.text of the stop, default `run <id> <outcome>`
 */
export async function readEndLines(
  of: EndOnRecord & { readonly text?: string | undefined },
  runs: Results,
): Promise<Lines> {
  return joinLines([stopLines(of, of.text), await readRunLines(of, runs)]);
}

/**
 * The same where an end was just put on record. Never rejects: where the figures of its endpoints cannot be read, they
 * are left out.
 */
export async function endLines(
  of: EndOnRecord & { readonly text?: string | undefined },
  context: FailureContext & { readonly ports: { readonly runs: Results } },
): Promise<Lines> {
  return joinLines([stopLines(of, of.text), await runLines(of, context)]);
}

/** A run's points alone, over those that its end left, when better figures are on record. Never rejects. */
export async function runLines(
  of: EndOnRecord,
  context: FailureContext & { readonly ports: { readonly runs: Results } },
): Promise<Lines> {
  const doing = `reading the figures of run ${of.run.id} of ${of.target.id}`;
  return (await attempt(context, doing, () => readRunLines(of, context.ports.runs))) ?? linesOf(of, undefined);
}

/** The same. Rejects when the figures of its endpoints cannot be read. */
export async function readRunLines(of: EndOnRecord, runs: Results): Promise<Lines> {
  if (of.run.ended === undefined) return noLines;
  return linesOf(of, await runs.readResult({ target: of.target.id, run: of.run.id }));
}

/** What is put over the lines of a run's end when it goes on after all. @param of.run as it had ended */
export function reopenedLines({ target, run }: EndOnRecord, why: string): Lines {
  if (run.ended === undefined) return noLines;
  const stop = stopLines({ target, run }, `run ${run.id} went on: ${why}`);
  return joinLines([stop, pointLines([reopenedRunPoint(run, seriesOf(target, run))])]);
}

function linesOf({ target, run }: EndOnRecord, result: RunResult | undefined): Lines {
  const { ended: end } = run;
  if (end === undefined) return noLines;
  const { maxEndpoints } = target;
  return pointLines(runPoints({ run, end, result, series: seriesOf(target, run), maxEndpoints }));
}

function stopLines({ target, run }: EndOnRecord, text?: string): Lines {
  const { id, ended } = run;
  if (ended === undefined) return noLines;
  return eventLine(target, run, {
    event: 'stop',
    instantMs: ended.atMs,
    text: text ?? `run ${id} ${wasStuck(run) ? stuckWords : outcomeWords[ended.outcome]}`,
  });
}

const outcomeWords: Readonly<Record<RunOutcome, string>> = {
  finished: 'finished',
  ended: 'ended: its Locust has exited',
  lost: 'lost',
};

const stuckWords = 'finished: it was stopped, and its Locust has said so for an hour without anything moving';

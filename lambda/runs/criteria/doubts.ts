import type { RowFigures } from '../../locust/report/report.ts';
import type { RunOutcome } from '../run.ts';
import type { Tally } from '../tally.ts';

/** What decides whether a run's figures can be trusted. */
export interface DoubtedRun {
  readonly total: RowFigures;
  readonly outcome: RunOutcome;
  /** Undefined for a run that nobody counted. */
  readonly tally: Tally | undefined;
}

/** A tenth of the samples: fewer move neither a percentile nor a rate of the whole run by much. */
const maxShare = 0.1;

/** Why the figures of a run cannot be trusted, a sentence each; empty where they can. Pure. */
export function doubtsOf({ outcome, tally, total }: DoubtedRun): string[] {
  const doubts: string[] = [];
  if (outcome === 'lost') doubts.push('The run was lost: how its test ended is not known.');
  if (outcome === 'ended')
    doubts.push("Its Locust exited: the figures are those of the last sample, not the test's last.");
  if (total.numRequests === 0) doubts.push('No request was made.');
  if (tally === undefined || tally.samples === 0) return doubts;
  const { samples, failed, overloaded, withoutWorker } = tally;
  if (failed > samples * maxShare) doubts.push(`${failed} of ${samples} samples were missed.`);
  if (overloaded > samples * maxShare) {
    doubts.push(`A worker's CPU was above 90 % in ${overloaded} of ${samples} samples: Locust measured itself too.`);
  }
  if (withoutWorker > 0) doubts.push(`A worker was missing in ${withoutWorker} of ${samples} samples.`);
  return doubts;
}

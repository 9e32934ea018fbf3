import { noLines } from '../../influx/lines.ts';
import type { Lines } from '../../influx/lines.ts';
import { filledPoints } from '../../influx/points/filled-points.ts';
import { pointLines } from '../../influx/points/sample-lines.ts';
import type { Run } from '../../runs/run.ts';
import type { Target } from '../../targets/target.ts';
import type { ConsultedStep } from './consult-page.ts';
import { seriesOf } from '../event-lines.ts';

/**
 * What Locust itself has kept of the time in which nobody looked, as lines of its run; none where another run than that
 * was put on record.
 */
export function filledLines(target: Target, run: Run | undefined, { step, missed }: ConsultedStep): Lines {
  if (run === undefined || run.id !== (step.run ?? step.ended)?.id) return noLines;
  const endAtMs = run.ended?.atMs ?? Infinity;
  const entries = missed.filter(({ atMs }) => atMs < endAtMs);
  return pointLines(filledPoints(entries, seriesOf(target, run)));
}

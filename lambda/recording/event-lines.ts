import { joinLines, noLines } from '../influx/lines.ts';
import type { Lines } from '../influx/lines.ts';
import { eventPoint } from '../influx/points/points.ts';
import { pointLines } from '../influx/points/sample-lines.ts';
import type { Series } from '../influx/points/series.ts';
import type { Target } from '../targets/target.ts';
import type { Run, RunEvent } from '../runs/run.ts';
import type { RecordedStep } from './record-step.ts';

/** The run that a step began, and a reset, as lines; an end's are `ends/end-lines.ts`. @param atMs the sample's instant */
export function eventLines(target: Target, step: RecordedStep, atMs: number): Lines {
  const { started, run, wasReset } = step;
  return joinLines([
    started === undefined ? noLines : startLines(target, started),
    wasReset && run !== undefined ? resetLines(target, run, atMs) : noLines,
  ]);
}

export function startLines(target: Target, run: Run): Lines {
  return eventLine(target, run, { event: 'start', instantMs: run.startedAtMs, text: `run ${run.id} started` });
}

function resetLines(target: Target, run: Run, instantMs: number): Lines {
  const text = 'Locust set its counters back at the end of a ramp-up';
  return eventLine(target, run, { event: 'reset', instantMs, text });
}

export function eventLine(
  target: Target,
  run: Run,
  what: { readonly event: RunEvent; readonly instantMs: number; readonly text: string },
): Lines {
  return pointLines([eventPoint({ series: seriesOf(target, run), ...what })]);
}

/** What every point of a target's run is tagged with. */
export function seriesOf({ id, project, tags }: Target, run: Run): Series {
  return { project, target: id, run: run.id, host: run.setup?.host, beganAtMs: run.beganAtMs, tags };
}

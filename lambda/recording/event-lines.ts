import { eventPoint } from '../influx/points.ts';
import { linesOf } from '../influx/sample-lines.ts';
import type { Series } from '../influx/series.ts';
import type { Target } from '../registry/target.ts';
import type { Run, RunEvent } from '../runs/run.ts';
import type { RecordedStep } from './record-step.ts';

/** What a step did to the target's run, as lines. @param atMs the sample's instant */
export function eventLines(target: Target, step: RecordedStep, atMs: number): readonly string[] {
  const { ended, started, run, wasReset } = step;
  return [
    ...(ended === undefined ? [] : stopLines(target, ended)),
    ...(started === undefined ? [] : startLines(target, started)),
    ...(wasReset && run !== undefined ? resetLines(target, run, atMs) : []),
  ];
}

/** @param text default `run <id> <outcome>` */
export function stopLines(target: Target, run: Run, text?: string): readonly string[] {
  const { id, ended } = run;
  if (ended === undefined) return [];
  return eventLine(target, run, { event: 'stop', instantMs: ended.atMs, text: text ?? `run ${id} ${ended.outcome}` });
}

export function startLines(target: Target, run: Run): readonly string[] {
  return eventLine(target, run, { event: 'start', instantMs: run.startedAtMs, text: `run ${run.id} started` });
}

function resetLines(target: Target, run: Run, instantMs: number): readonly string[] {
  const text = 'Locust set its counters back at the end of the ramp-up';
  return eventLine(target, run, { event: 'reset', instantMs, text });
}

function eventLine(
  target: Target,
  run: Run,
  what: { readonly event: RunEvent; readonly instantMs: number; readonly text: string },
): readonly string[] {
  return linesOf([eventPoint({ series: seriesOf(target, run), ...what })]);
}

/** What every point of a target's run is tagged with. */
export function seriesOf({ id, project, tags }: Target, run: Run): Series {
  return { project, target: id, run: run.id, tags };
}

import type { DatedEntry } from '../locust/page/history.ts';
import type { Run } from './run.ts';
import { fillTimeline, timelineSample } from './timeline.ts';

/** A run with what Locust itself has kept of the time when nobody looked. Idempotent. */
export function withFilled(run: Run, entries: readonly DatedEntry[], sampleSeconds: number): Run {
  if (entries.length === 0) return run;
  const samples = entries.map((entry) => timelineSample(Math.round((entry.atMs - run.startedAtMs) / 1000), entry));
  return {
    ...run,
    peakUsers: entries.reduce((peak, { userCount = 0 }) => Math.max(peak, userCount), run.peakUsers),
    timeline: fillTimeline(run.timeline, samples, sampleSeconds),
  };
}

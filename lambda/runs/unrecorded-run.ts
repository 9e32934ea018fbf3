import { noFigures } from '../locust/report/rows.ts';
import { runStartOf } from './run.ts';
import type { Run } from './run.ts';

/**
 * A run of which no record exists, or none that can be read now: what its id and its target's status say of it.
 * @param known.lastGoodAtMs when the target last answered, ms
 */
export function unrecordedRun(
  id: string,
  known: {
    readonly lastGoodAtMs: number;
    readonly lastState?: string | undefined;
    readonly peakUsers?: number | undefined;
  },
): Run {
  const { lastGoodAtMs, lastState = 'running', peakUsers = 0 } = known;
  const startedAtMs = runStartOf(id);
  const isRunId = !Number.isNaN(startedAtMs);
  return {
    id,
    startedAtMs: isRunId ? startedAtMs : lastGoodAtMs,
    lastGoodAtMs,
    lastState,
    total: noFigures,
    peakUsers,
    timeline: [],
  };
}

import * as z from 'zod';
import type { RowFigures } from '../locust/report.ts';
import type { Run } from '../runs/run.ts';

const figure = z.number().optional();

/** The last total row of a run, under Locust's names and with its units. */
const storedTotal = z.object({
  numRequests: figure,
  numFailures: figure,
  avgResponseTime: figure,
  minResponseTime: figure,
  maxResponseTime: figure,
  medianResponseTime: figure,
  avgContentLength: figure,
  currentRps: figure,
  currentFailPerSec: figure,
  /** ms by label (`95`). */
  percentiles: z.record(z.string(), z.number()).default({}),
});

const nullable = z.number().nullable();
const timelineSample = z.tuple([z.number(), nullable, nullable, nullable, nullable, nullable]);

/** A run on record. */
export const storedRun = z.object({
  target: z.string(),
  run: z.string(),
  project: z.string(),
  startedAt: z.iso.datetime(),
  lastGoodAt: z.iso.datetime(),
  lastState: z.string(),
  endedAt: z.iso.datetime().optional(),
  outcome: z.enum(['finished', 'lost']).optional(),
  total: storedTotal,
  peakUsers: z.number(),
  timeline: z.array(timelineSample),
});

export type StoredRun = z.output<typeof storedRun>;

/** A timeline is one text in the table: as a list of lists it is the costliest thing that a window writes. */
const runItem = storedRun.extend({
  timeline: z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'not JSON' });
        return z.NEVER;
      }
    })
    .pipe(storedRun.shape.timeline),
});

/** A run as the table's item. */
export type RunItem = z.input<typeof runItem>;

/** Undefined for an item that is no run, or fits no more. */
export function parseRunItem(item: unknown): StoredRun | undefined {
  const parsed = runItem.safeParse(item);
  return parsed.success ? parsed.data : undefined;
}

/** A run's key and project, which the run itself does not know. */
export interface RunOwner {
  readonly target: string;
  readonly project: string;
}

export function toRunItem(run: Run, owner: RunOwner): RunItem {
  return {
    ...owner,
    run: run.id,
    startedAt: iso(run.startedAtMs),
    lastGoodAt: iso(run.lastGoodAtMs),
    lastState: run.lastState,
    ...(run.ended !== undefined && { endedAt: iso(run.ended.atMs), outcome: run.ended.outcome }),
    total: { ...run.total, percentiles: percentilesByLabel(run.total) },
    peakUsers: run.peakUsers,
    timeline: JSON.stringify(run.timeline),
  };
}

export function fromStored(stored: StoredRun): Run {
  const { total } = stored;
  const atMs = stored.endedAt === undefined ? undefined : Date.parse(stored.endedAt);
  return {
    id: stored.run,
    startedAtMs: Date.parse(stored.startedAt),
    lastGoodAtMs: Date.parse(stored.lastGoodAt),
    lastState: stored.lastState,
    total: {
      numRequests: total.numRequests,
      numFailures: total.numFailures,
      avgResponseTime: total.avgResponseTime,
      minResponseTime: total.minResponseTime,
      maxResponseTime: total.maxResponseTime,
      medianResponseTime: total.medianResponseTime,
      avgContentLength: total.avgContentLength,
      currentRps: total.currentRps,
      currentFailPerSec: total.currentFailPerSec,
      percentiles: Object.entries(total.percentiles).map(([label, value]) => ({ label, value })),
    },
    peakUsers: stored.peakUsers,
    timeline: stored.timeline,
    ...(atMs !== undefined && { ended: { atMs, outcome: stored.outcome ?? 'finished' } }),
  };
}

function percentilesByLabel(total: RowFigures): Record<string, number> {
  return Object.fromEntries(
    total.percentiles.flatMap(({ label, value }) => (value === undefined ? [] : [[label, value] as const])),
  );
}

const iso = (instantMs: number): string => new Date(instantMs).toISOString();

import * as z from 'zod';
import type { RowFigures } from '../../locust/report/report.ts';

const figure = z.number().optional();

/** A row's figures of a whole run, under Locust's names and with its units, as they are kept. */
export const storedFigures = z.object({
  numRequests: figure,
  numFailures: figure,
  avgResponseTime: figure,
  minResponseTime: figure,
  maxResponseTime: figure,
  medianResponseTime: figure,
  avgContentLength: figure,
  /** ms by label (`95`). */
  percentiles: z.record(z.string(), z.number()).default({}),
});

export type StoredFigures = z.output<typeof storedFigures>;

export function toStoredFigures(row: RowFigures): StoredFigures {
  return {
    numRequests: row.numRequests,
    numFailures: row.numFailures,
    avgResponseTime: row.avgResponseTime,
    minResponseTime: row.minResponseTime,
    maxResponseTime: row.maxResponseTime,
    medianResponseTime: row.medianResponseTime,
    avgContentLength: row.avgContentLength,
    percentiles: Object.fromEntries(
      row.percentiles.flatMap(({ label, value }) => (value === undefined ? [] : [[label, value] as const])),
    ),
  };
}

/** Of a run that is over: without current rates. */
export function fromStoredFigures(stored: StoredFigures): RowFigures {
  return {
    numRequests: stored.numRequests,
    numFailures: stored.numFailures,
    avgResponseTime: stored.avgResponseTime,
    minResponseTime: stored.minResponseTime,
    maxResponseTime: stored.maxResponseTime,
    medianResponseTime: stored.medianResponseTime,
    avgContentLength: stored.avgContentLength,
    currentRps: undefined,
    currentFailPerSec: undefined,
    percentiles: Object.entries(stored.percentiles).map(([label, value]) => ({ label, value })),
  };
}

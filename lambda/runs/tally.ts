import * as z from 'zod';
import type { Report } from '../locust/report/report.ts';

/** How a run was seen: what its figures can be trusted by. */
export const tally = z.object({
  /** Scrapes of the run, and those of them that brought no report. */
  samples: z.number(),
  failed: z.number(),
  /** Samples in which a worker's CPU was above 90 %. */
  overloaded: z.number(),
  /** Samples in which a worker was missing. */
  withoutWorker: z.number(),
});

export type Tally = z.output<typeof tally>;

/** Percent, from which on Locust itself warns that a worker cannot keep up. */
const busyCpu = 90;

const none: Tally = { samples: 0, failed: 0, overloaded: 0, withoutWorker: 0 };

/** A tally with one more scrape. @param report undefined: it failed */
export function tallyAfter(before: Tally = none, report: Report | undefined): Tally {
  const workers = report?.workers ?? [];
  const isOverloaded = workers.some(({ cpuUsage = 0 }) => cpuUsage > busyCpu);
  const isWithoutWorker = workers.some(({ state }) => state === 'missing');
  return {
    samples: before.samples + 1,
    failed: before.failed + (report === undefined ? 1 : 0),
    overloaded: before.overloaded + (isOverloaded ? 1 : 0),
    withoutWorker: before.withoutWorker + (isWithoutWorker ? 1 : 0),
  };
}

import type { Report } from '../locust/report/report.ts';
import { withRatesOfNothing } from '../locust/report/without-rates.ts';
import type { Run } from './run.ts';
import { haveCountersMoved } from './same-test.ts';

/** What Locust calls current is of the ten seconds before its last request, however long ago that was. */
const currentMs = 10_000;

/** A report of a run without rates that were current once: nothing has been counted for as long as they are made of. Pure. */
export function withoutStaleRates(report: Report, run: Run | undefined, atMs: number): Report {
  if (run === undefined || haveCountersMoved(run.total, report.total)) return report;
  const countedAtMs = run.countedAtMs ?? run.lastGoodAtMs;
  return atMs - countedAtMs >= currentMs ? withRatesOfNothing(report) : report;
}

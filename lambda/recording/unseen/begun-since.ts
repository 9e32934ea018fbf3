import type { Report } from '../../locust/report/report.ts';
import { isActive } from '../../runs/locust-state.ts';
import type { Run } from '../../runs/run.ts';
import { countersFell } from '../../runs/same-test.ts';
import { historyOf } from './consult-page.ts';
import type { Scrape } from '../scrape.ts';

/** Locust notes a moment of its test this often, the first one no later after its start (`HISTORY_STATS_INTERVAL_SEC`). */
const historyEveryMs = 5_000;
/** Of the age of counters, which goes to the last request, and of instants that are cut to seconds. */
const toleranceMs = 1_000;

/**
 * Whether another test than that of the run has begun since its last sample, though the counters have only grown: the run
 * was young then, was stopped, and outgrown. The counters are younger than the last sample, which they are as well where
 * a system under test that hangs lets no request end. So Locust's page decides: by the moments that it has kept of this test,
 * and by what was asked for. Asked for at most at a run's second sample, for older counters prove one test. Never rejects.
 */
export async function hasOtherBegun({ followed, fetched, atMs, readPage }: Scrape): Promise<boolean> {
  const { run } = followed;
  if (run === undefined || !fetched.ok || readPage === undefined) return false;
  const { report } = fetched;
  if (!areYoungerThanSample(run, report, atMs)) return false;
  const reading = await readPage();
  if (!reading.ok) return false;
  const { users } = reading.page.setup;
  if (users !== undefined && run.setup?.users !== undefined && users !== run.setup.users) return true;
  const [first] = historyOf(reading, { atMs });
  const beganAtMs = run.lastGoodAtMs - (run.countersAgeMs ?? 0);
  return first !== undefined && first.atMs > beganAtMs + historyEveryMs + toleranceMs;
}

function areYoungerThanSample(run: Run, report: Report, atMs: number): boolean {
  const { countersAgeMs: ageMs } = report;
  if (ageMs === undefined || run.countersAgeMs === undefined || !isActive(report.state)) return false;
  return ageMs + toleranceMs < atMs - run.lastGoodAtMs && !countersFell(run.total, report.total);
}

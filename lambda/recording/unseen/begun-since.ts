import type { PageReading } from '../../locust/fetch/read-page.ts';
import type { Report } from '../../locust/report/report.ts';
import { isActive, isWindingDown } from '../../runs/locust-state.ts';
import type { Run } from '../../runs/run.ts';
import { countersFell, wereSetBack } from '../../runs/same-test.ts';
import { isNextByPage } from '../../runs/set-back.ts';
import { historyOf } from './consult-page.ts';
import type { Scrape } from '../scrape.ts';

/** Locust notes a moment of its test this often, the first one no later after its start (`HISTORY_STATS_INTERVAL_SEC`). */
const historyEveryMs = 5_000;
/** Of the age of counters, which goes to the last request, and of instants that are cut to seconds. */
const toleranceMs = 1_000;

/**
 * Whether another test than that of the run has begun since its last sample, as far as Locust's page says so; undefined
 * where the counters are to decide. The page is asked for where they were set back, and at most at a run's second sample
 * where they have only grown. Never rejects.
 */
export async function hasOtherBegun({ followed, fetched, atMs, readPage }: Scrape): Promise<boolean | undefined> {
  const { run } = followed;
  if (run === undefined || !fetched.ok || readPage === undefined) return undefined;
  const { report } = fetched;
  if (!isActive(report.state) || isWindingDown(run.lastState)) return undefined;
  const areSetBack = wereSetBack(run, report);
  if (!areSetBack && !areYoungerThanSample(run, report, atMs)) return undefined;
  const reading = await readPage();
  if (!reading.ok) return undefined;
  const byPage = areSetBack ? isNextBy(reading, { run, report, atMs }) : undefined;
  return byPage ?? (hasOutgrown(reading, { run, report, atMs }) ? true : undefined);
}

interface Answer {
  readonly run: Run;
  readonly report: Report;
  readonly atMs: number;
}
type Page = Extract<PageReading, { ok: true }>;

function isNextBy(reading: Page, { run, report, atMs }: Answer): boolean | undefined {
  const { hasShape, setup } = reading.page;
  const [first] = historyOf(reading, { atMs });
  const asked = { now: setup.users, before: run.setup?.users };
  return isNextByPage(run, report, { hasShape, asked, firstUsers: first?.userCount });
}

/**
 * Whether counters that have only grown are another test's: the run was young, was stopped, and outgrown. The counters
 * are younger than the last sample, which they are as well where a system under test that hangs lets no request end. So
 * the moments that Locust has kept of this test decide, and what was asked for. Older counters prove one test.
 */
function hasOutgrown(reading: Page, { run, report, atMs }: Answer): boolean {
  if (!areYoungerThanSample(run, report, atMs)) return false;
  const { users } = reading.page.setup;
  if (users !== undefined && run.setup?.users !== undefined && users !== run.setup.users) return true;
  const [first] = historyOf(reading, { atMs });
  const beganAtMs = run.lastGoodAtMs - (run.countersAgeMs ?? 0);
  return first !== undefined && first.atMs > beganAtMs + historyEveryMs + toleranceMs;
}

function areYoungerThanSample(run: Run, report: Report, atMs: number): boolean {
  const { countersAgeMs: ageMs } = report;
  if (ageMs === undefined || run.countersAgeMs === undefined) return false;
  return ageMs + toleranceMs < atMs - run.lastGoodAtMs && !countersFell(run.total, report.total);
}

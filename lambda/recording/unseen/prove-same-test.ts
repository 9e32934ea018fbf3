import type { PageReading } from '../../locust/fetch/read-page.ts';
import type { Report } from '../../locust/report/report.ts';
import { isUnderWay } from '../../runs/locust-state.ts';
import { lostAfterMs } from '../../runs/lost-after.ts';
import type { Run } from '../../runs/run.ts';
import { wereSetBack } from '../../runs/same-test.ts';
import { historyOf } from './consult-page.ts';

/** An answer, and how Locust's own page can be read. */
interface Answer {
  readonly report: Report;
  readonly atMs: number;
  readonly readPage?: (() => Promise<PageReading>) | undefined;
}

/**
 * Whether an answer at rest has the final figures of a run that nobody has seen for too long, for certain: Locust's history
 * of its last test begins before the run was last seen. Asks for its page only where this is what matters. Never rejects.
 */
export async function proveSameTest(run: Run, { report, atMs, readPage }: Answer): Promise<boolean> {
  if (isUnderWay(report.state) || atMs - run.lastGoodAtMs < lostAfterMs) return false;
  if (!report.total.numRequests || wereSetBack(run, report)) return false;
  const [first] = historyOf(await readPage?.(), { atMs, sinceAtMs: run.lastGoodAtMs });
  return first !== undefined && first.atMs <= run.lastGoodAtMs;
}

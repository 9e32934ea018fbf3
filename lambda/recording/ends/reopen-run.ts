import type { PageReading } from '../../locust/fetch/read-page.ts';
import type { Report } from '../../locust/report/report.ts';
import { isActive, isUnderWay } from '../../runs/locust-state.ts';
import { hasComeBack, wasEndedByAnother } from '../../runs/run.ts';
import { areOlderThan } from '../../runs/same-test.ts';
import type { Run } from '../../runs/run.ts';
import { runOwnerOf } from '../../targets/run-owner.ts';
import { reopenedLines } from './end-lines.ts';
import type { FollowedTarget } from '../followed-target.ts';
import { proveSameTest } from '../unseen/prove-same-test.ts';
import { tellOfAnother } from '../record-another.ts';
import { attempt } from '../recording-context.ts';
import type { RecordingContext } from '../recording-context.ts';

/**
 * A Locust that answers again after failures may still run the test that was given up meanwhile: then its run goes on,
 * and ends when the test does. Its record loses its end, and the text of the stop that was written says so; no start is
 * told. So does one that an answer at rest had ended, which was another Locust's. Not where the target was changed since
 * its last good sample: that may be another Locust. Never rejects.
 */
export async function reopenRun(
  followed: FollowedTarget,
  answer: {
    readonly report: Report;
    readonly atMs: number;
    readonly readPage?: (() => Promise<PageReading>) | undefined;
  },
  context: RecordingContext,
): Promise<void> {
  const { report, atMs } = answer;
  const { target, latest, run, isRemoved } = followed;
  // One request, and only for the first good answer with figures, or where a test is not seen from its start.
  const hasRecovered = latest?.error !== undefined;
  const mayGoOn = hasRecovered || (isActive(report.state) && areOlderThan(report, 0));
  if (run !== undefined || isRemoved || !mayGoOn || !report.total.numRequests) return;
  const { runs } = context.ports;
  const last = await attempt(context, `reading the last run of ${target.id}`, () => runs.newest(target.id, atMs));
  if (last === undefined || Date.parse(target.updatedAt) > last.lastGoodAtMs) return;
  const isByAnother = endedInAnswer(last) && wasEndedByAnother(last, report, atMs);
  const mayBeBack = last.ended?.outcome !== 'finished' && hasRecovered;
  const isBack = mayBeBack && (hasComeBack(last, report, atMs) || (await proveSameTest(last, answer)));
  if (!isByAnother && !isBack) return;
  const why = isByAnother ? 'another Locust had answered' : 'its Locust answered again';
  context.outbox.addOver(reopenedLines({ target, run: last }, why));
  const reopened = { ...last };
  delete reopened.ended;
  delete reopened.closedAtMs;
  const saved = await attempt(context, `opening run ${last.id} of ${target.id} again`, () =>
    runs.replace(reopened, runOwnerOf(target), last),
  );
  followed.resumed(saved ?? reopened);
  if (!isByAnother) return;
  followed.anotherAnswered(atMs);
  tellOfAnother(followed, { run: reopened, atMs }, context);
}

/** A run that was given up ended without one. */
function endedInAnswer({ ended, lastState }: Run): boolean {
  return ended?.outcome === 'finished' || (ended !== undefined && !isUnderWay(lastState));
}

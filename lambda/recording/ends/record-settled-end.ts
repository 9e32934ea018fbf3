import { joinLines } from '../../influx/lines.ts';
import type { FetchedReport } from '../../locust/fetch/fetch-report.ts';
import { isUnderWay } from '../../runs/locust-state.ts';
import { withFinalFigures } from '../../runs/run.ts';
import type { Run } from '../../runs/run.ts';
import { countersFell } from '../../runs/same-test.ts';
import { runOwnerOf } from '../../targets/run-owner.ts';
import { closeRun } from './close-run.ts';
import { runLines } from './end-lines.ts';
import type { FollowedTarget } from '../followed-target.ts';
import { linesUnder } from '../sample-lines-under.ts';
import { attempt } from '../recording-context.ts';
import type { RecordingContext } from '../recording-context.ts';

/**
 * Puts the figures that came in after a run's end over those of its closing sample and its record, where there are any,
 * and its Locust has not sent them by itself meanwhile. Never rejects. @param ended as it was put on record
 */
export async function recordSettledEnd(
  followed: FollowedTarget,
  { ended, fetched }: { readonly ended: Run; readonly fetched: FetchedReport },
  context: RecordingContext,
): Promise<void> {
  const { target, run, isRemoved } = followed;
  if (!fetched.ok || ended.ended === undefined || run !== undefined || isRemoved) return;
  const { state, total } = fetched.report;
  const { numRequests, numFailures } = ended.total;
  const isSame = total.numRequests === numRequests && total.numFailures === numFailures;
  if (isSame || isUnderWay(state) || countersFell(ended.total, total)) return;
  const settled = withFinalFigures(ended, fetched.report);
  const { runs } = context.ports;
  const doing = `saving the end of run ${ended.id} of ${target.id}`;
  const saved = await attempt(context, doing, () => runs.save(settled, runOwnerOf(target)));
  if (saved === undefined || saved.closedAtMs !== undefined) return;
  const judged = await attempt(context, doing, async () =>
    runs.save(await closeRun(saved, { target, report: fetched.report }, runs), runOwnerOf(target)),
  );
  const closed = judged ?? saved;
  const sample = linesUnder({ target, run: closed, fetched, atMs: ended.ended.atMs, isFinal: true });
  context.outbox.addOver(joinLines([sample, await runLines({ target, run: closed }, context)]));
  context.ports.observer.settled?.({ target: target.id, run: closed });
}

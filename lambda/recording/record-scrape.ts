import { joinLines, noLines } from '../influx/lines.ts';
import type { Lines } from '../influx/lines.ts';
import type { TargetStatus } from '../targets/target.ts';
import type { Failure, FailureKind } from '../locust/failure.ts';
import { isActive } from '../runs/locust-state.ts';
import { givenUpAtMs, wasBusyAtMs } from '../runs/given-up.ts';
import type { Trouble } from '../runs/given-up.ts';
import { stepAfter } from '../runs/run.ts';
import type { Run, RunStep } from '../runs/run.ts';
import { withoutStaleRates } from '../runs/stale-rates.ts';
import { unseenStopWords } from '../runs/unseen-test.ts';
import { countersFell } from '../runs/same-test.ts';
import { consultPage } from './unseen/consult-page.ts';
import type { ConsultedStep } from './unseen/consult-page.ts';
import { endLines } from './ends/end-lines.ts';
import { eventLines, startLines } from './event-lines.ts';
import { filledLines } from './unseen/filled-lines.ts';
import { hasOtherBegun } from './unseen/begun-since.ts';
import { findUnseenTest } from './unseen/find-unseen-test.ts';
import type { FollowedTarget } from './followed-target.ts';
import { isAnothers, recordAnother, withAnother } from './record-another.ts';
import { reopenRun } from './ends/reopen-run.ts';
import { limitFilled } from './unseen/limit-filled.ts';
import { proveSameTest } from './unseen/prove-same-test.ts';
import { recordStep } from './record-step.ts';
import type { RecordedStep } from './record-step.ts';
import { linesUnder } from './sample-lines-under.ts';
import type { RecordingContext } from './recording-context.ts';
import type { Scrape } from './scrape.ts';
import { countedAtRest, withCountedAtRest } from './unseen/counted-at-rest.ts';
import { statusAfter, unreadOf } from './status.ts';

/**
 * Does all that follows from one scrape: the target's run, its status, its lines. Never rejects: what fails besides
 * the target is reported to the observer and counted.
 * @returns what it did to the run, as it stands on record
 */
export async function recordScrape(given: Scrape, context: RecordingContext): Promise<RecordedStep> {
  const { followed, fetched, atMs } = given;
  const scrape = { ...given, ...(given.readPage !== undefined && { readPage: onlyOnce(given.readPage) }) };
  if (fetched.ok) await reopenRun(followed, { report: fetched.report, atMs, readPage: scrape.readPage }, context);
  if (isAnothers(scrape)) return recordAnother(scrape, context);
  if (!fetched.ok) return recordOwn(scrape, context);
  const report = withoutStaleRates(fetched.report, followed.run, atMs);
  return recordOwn({ ...scrape, fetched: { ...fetched, report } }, context);
}

/** What the scrape means for the target's run, before anything else is known of it. */
async function readStep(scrape: Scrape, trouble: Trouble | undefined): Promise<RunStep> {
  const { followed, fetched, atMs } = scrape;
  const { sampleSeconds } = followed.target;
  if (!fetched.ok) return stepAfter(followed.run, { atMs, report: undefined, trouble, sampleSeconds });
  const { report } = fetched;
  const isOfSameTest = followed.run !== undefined && (await proveSameTest(followed.run, { ...scrape, report }));
  const isNext = await hasOtherBegun(scrape);
  return stepAfter(followed.run, { atMs, report, trouble, sampleSeconds, isOfSameTest, isNext });
}

/** What it read, as often as it is asked. */
function onlyOnce<Result>(read: () => Promise<Result>): () => Promise<Result> {
  let reading: Promise<Result> | undefined;
  return () => (reading ??= read());
}

/** Records a scrape of the target's own Locust. */
async function recordOwn(scrape: Scrape, context: RecordingContext): Promise<RecordedStep> {
  const { followed, fetched, atMs, receivedAtMs } = scrape;
  const { target } = followed;
  const report = fetched.ok ? fetched.report : undefined;
  const failure = fetched.ok ? undefined : fetched.failure;
  const before = followed.stored;
  const trouble = troubleAt(atMs, failure, followed);
  const seen = await readStep(scrape, trouble);
  const found = await findUnseenTest(scrape, context);
  const asked = found.kind === 'unseen' ? found.consulted : await consultPage(seen, scrape);
  const consulted = limitFilled(asked, context.filling);
  const wanted = closedBy(scrape, consulted.step);
  const unread = receivedAtMs === undefined ? undefined : unreadOf(followed);
  const noAnswer = failure && noAnswerOf(followed, wanted.run, trouble);
  const result = { atMs, knownAtMs: receivedAtMs, report, failure, unread, run: wanted.run?.id, noAnswer };
  const isUnclear = found.kind === 'unclear';
  const status = withAnother(withCountedAtRest(statusAfter(result, before), before, isUnclear), followed, atMs);
  followed.scraped(status);
  const finalReport = runClosedBy(scrape, wanted) === undefined ? undefined : report;
  const step = await recordStep({ followed, wanted, status, finalReport }, context);
  const isPast = step.ended === undefined || (wanted.run ?? wanted.ended) === undefined;
  if (step.run === undefined && isPast) context.summary.looks += 1;
  else {
    context.summary.samples += 1;
    if (!fetched.ok) context.summary.samplesFailed += 1;
  }

  const lines = joinLines([await linesOfStep(scrape, { step, consulted }, context), linesOfScrape(scrape, step)]);
  context.outbox.add(lines);
  const { observer } = context.ports;
  const remarks = remarksOn(step, isUnclear && before?.notice?.kind !== countedAtRest.kind);
  if (
    before?.state !== status.state ||
    before?.error?.kind !== status.error?.kind ||
    step.started ||
    step.ended ||
    remarks
  ) {
    observer.changed?.({
      target: target.id,
      atMs,
      stateBefore: before?.state,
      state: status.state,
      failure,
      failedBefore: before?.error !== undefined && unread === undefined,
      noAnswer,
      run: step.run,
      runStarted: step.started,
      runEnded: step.ended,
      remarks,
    });
  }
  if (step.run !== undefined) {
    observer.sampled?.({ target: target.id, run: step.run.id, atMs, report, failure, points: lines.count });
  }
  return step;
}

/** What the step did to the target's run: its end, its start, what was missed of it. */
async function linesOfStep(
  { followed: { target }, atMs }: Scrape,
  { step, consulted }: { readonly step: RecordedStep; readonly consulted: ConsultedStep },
  context: RecordingContext,
): Promise<Lines> {
  const { ended: run, wasUnseen = false } = step;
  const text = wasUnseen && run !== undefined ? `run ${run.id} finished: ${unseenStopWords(run)}` : undefined;
  return joinLines([
    wasUnseen && run !== undefined ? startLines(target, run) : noLines,
    run === undefined ? noLines : await endLines({ target, run, text }, context),
    eventLines(target, step, atMs),
    filledLines(target, step.run ?? run, consulted),
  ]);
}

/** @param isUnclear counters went up at rest, and nobody has said so yet */
function remarksOn({ wasUnseen, ended }: RecordedStep, isUnclear: boolean): readonly string[] | undefined {
  if (isUnclear) return [countedAtRest.message];
  return wasUnseen === true ? ended?.notes : undefined;
}

/**
 * Why scrapes fail, with the one at hand or up to it. A Locust that registered itself reports from where the collector may
 * not reach it, and its own end as well: that nothing listens there, or that something does, says nothing. Nor may a
 * reporter see by the life of its run which of the two it is.
 */
function troubleAt(atMs: number, failure: Failure | undefined, { latest, target }: FollowedTarget) {
  const { error, since, noAnswer }: Partial<TargetStatus> = latest ?? {};
  const kind = failure?.kind ?? (error?.kind as FailureKind | undefined);
  if (kind === undefined) return undefined;
  const sinceAtMs = since !== undefined && error?.kind === kind ? Date.parse(since) : atMs;
  const { isGone = false, isBusy = false }: Partial<Failure> = target.owner === 'reporter' ? {} : (failure ?? {});
  const before = noAnswer && { sinceAtMs: Date.parse(noAnswer.since), endsAtMs: Date.parse(noAnswer.endsAt) };
  return { kind, sinceAtMs, isGone, isBusy, wasBusyAtMs: before && wasBusyAtMs(before, atMs) };
}

/** Not of a Locust that registered itself: its reports go on where its web UI cannot be read. */
function noAnswerOf({ target, latest }: FollowedTarget, run: Run | undefined, trouble: Trouble | undefined) {
  if (run === undefined || target.owner === 'reporter') return undefined;
  return { sinceAtMs: run.lastGoodAtMs, endsAtMs: givenUpAtMs(run.lastGoodAtMs, trouble), last: latest };
}

function linesOfScrape(scrape: Scrape, step: RecordedStep): Lines {
  const { followed, fetched, atMs } = scrape;
  const run = step.run ?? step.ended;
  // The run's own Locust was first: what it closed the run with stands.
  const isOver = step.run === undefined && !isSent(scrape) && step.ended?.closedAtMs !== undefined;
  if (run === undefined || isOver) return noLines;
  const { target } = followed;
  const closed = runClosedBy(scrape, step);
  return linesUnder({ target, run, fetched, atMs: closed?.ended?.atMs ?? atMs, isFinal: closed !== undefined });
}

/** Notes of a run that a sent report ends with its final figures that they are its Locust's own. */
function closedBy(scrape: Scrape, step: RunStep): RunStep {
  const closed = isSent(scrape) ? runClosedBy(scrape, step) : undefined;
  return closed === undefined ? step : { ...step, ended: { ...closed, closedAtMs: closed.ended?.atMs } };
}

function isSent({ receivedAtMs }: Pick<Scrape, 'receivedAtMs'>): boolean {
  return receivedAtMs !== undefined;
}

/** The run whose closing sample is to be made of an answer; undefined: it has no final figures, or better ones are there. */
export function runClosedBy(
  scrape: Pick<Scrape, 'fetched' | 'receivedAtMs'>,
  { ended }: Pick<RunStep, 'ended'>,
): Run | undefined {
  const { fetched } = scrape;
  if (!fetched.ok || ended?.ended?.outcome !== 'finished') return undefined;
  if (!isSent(scrape) && ended.closedAtMs !== undefined) return undefined;
  const { state, total } = fetched.report;
  const isFinal = !isActive(state) && total.numRequests !== undefined && !countersFell(ended.total, total);
  return isFinal ? ended : undefined;
}

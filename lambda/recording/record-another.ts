import type { Failure } from '../locust/failure.ts';
import { isOfAnother } from '../runs/run.ts';
import type { Run } from '../runs/run.ts';
import type { TargetStatus } from '../targets/target.ts';
import { twoLocusts } from './followed-target.ts';
import type { FollowedTarget } from './followed-target.ts';
import { recordStep } from './record-step.ts';
import type { RecordedStep } from './record-step.ts';
import type { RecordingContext } from './recording-context.ts';
import { linesUnder } from './sample-lines-under.ts';
import type { Scrape } from './scrape.ts';

/** So long after another Locust has answered, the target's status says so: less than a window, which begins with what it says. */
const shownMs = 50_000;

const failure: Failure = {
  kind: twoLocusts,
  message:
    'Two Locusts seem to answer at this address in turn, as behind a load balancer. Only the answers of one are stored: ' +
    'give each Locust an address, and a target, of its own.',
};

/** Whether a scrape brought the answer of another Locust than that of the run under way. */
export function isAnothers({ followed, fetched, atMs, receivedAtMs }: Scrape): boolean {
  const { run } = followed;
  // What a Locust reports by itself is its own.
  if (run === undefined || !fetched.ok || receivedAtMs !== undefined) return false;
  return isOfAnother(run, fetched.report, { atMs, isKnown: isShown(followed, atMs) });
}

/** The status of a target where two answer, also after an answer of the right one. */
export function withAnother(status: TargetStatus, followed: FollowedTarget, atMs: number): TargetStatus {
  return isShown(followed, atMs) ? { ...status, notice: failure } : status;
}

/** Records that the scrape was none of the run, which goes on. Never rejects. */
export async function recordAnother(scrape: Scrape, context: RecordingContext): Promise<RecordedStep> {
  const { followed, fetched, atMs } = scrape;
  const { target, run, stored, latest = stored } = followed;
  const isNew = !isShown(followed, atMs);
  followed.anotherAnswered(atMs);
  if (isNew && run !== undefined) tellOfAnother(followed, { run, atMs }, context);
  const checkedAt = new Date(atMs).toISOString();
  const known = latest ?? { since: checkedAt, ...(run !== undefined && { run: run.id }) };
  const status = { ...known, checkedAt, notice: failure };
  followed.scraped(status);
  const wanted = { run, ended: undefined, wasReset: false };
  const step = await recordStep({ followed, wanted, status }, context);
  context.summary.samples += 1;
  context.summary.samplesFailed += 1;
  if (step.run === undefined) return step;
  const { durationMs } = fetched;
  const lines = linesUnder({
    target,
    run: step.run,
    fetched: { ok: false, failure, durationMs },
    atMs,
    isFinal: false,
  });
  context.outbox.add(lines);
  return step;
}

/** Says to the observer that two answer. */
export function tellOfAnother(
  { target, latest }: FollowedTarget,
  { run, atMs }: { readonly run: Run; readonly atMs: number },
  { ports }: Pick<RecordingContext, 'ports'>,
): void {
  const state = latest?.state;
  const nothingElse = { failedBefore: false, runStarted: undefined, runEnded: undefined };
  ports.observer.changed?.({ target: target.id, atMs, stateBefore: state, state, failure, run, ...nothingElse });
}

function isShown(followed: FollowedTarget, atMs: number): boolean {
  return atMs - followed.anotherSeenAtMs(atMs) < shownMs;
}

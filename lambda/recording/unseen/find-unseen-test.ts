import type { Report } from '../../locust/report/report.ts';
import type { DatedEntry } from '../../locust/page/history.ts';
import { areOfAnotherTest, countersAtRest, haveOtherExtremes, haveSameCounters } from '../../runs/counters-at-rest.ts';
import type { CountersAtRest } from '../../runs/counters-at-rest.ts';
import { isUnderWay, isWindingDown } from '../../runs/locust-state.ts';
import type { Run } from '../../runs/run.ts';
import { countersFell } from '../../runs/same-test.ts';
import { endOfHistory, unseenRun, wasUnseen } from '../../runs/unseen-test.ts';
import type { TargetStatus } from '../../targets/target.ts';
import { historyOf } from './consult-page.ts';
import type { ConsultedStep } from './consult-page.ts';
import type { FollowedTarget } from '../followed-target.ts';
import { attempt } from '../recording-context.ts';
import type { RecordingContext } from '../recording-context.ts';
import type { Scrape } from '../scrape.ts';
import { withSetup } from '../with-setup.ts';

/** A test that was registered with its Locust is not older than its registration, by clocks that may be apart. */
const sameMomentMs = 2_000;

/** A target that is in no run answers that no test runs, but with figures of one. */
interface AtRest {
  readonly report: Report;
  readonly now: CountersAtRest;
  /** The counters of the last answer; undefined where there is none that tells. */
  readonly before: CountersAtRest | undefined;
}

/** What an answer at rest says of tests that nobody has seen. */
type Finding =
  | { readonly kind: 'unseen'; readonly consulted: ConsultedStep }
  /** Its counters went up, but it may be in a test that is on record. */
  | { readonly kind: 'unclear' }
  | { readonly kind: 'nothing' };

const nothing = { kind: 'nothing' } as const;

/**
 * Whether an answer at rest has the figures of a test that began and ended while nobody looked, and is not on record:
 * then the step that puts it there. Counters that are others than before, but may be those of the same test, are none;
 * nor is a test that may have been over before its Locust was registered. Never rejects. A Locust that registered itself
 * reports its tests by itself.
 */
export async function findUnseenTest(scrape: Scrape, context: RecordingContext): Promise<Finding> {
  const { followed, atMs, readPage, sawTest = false } = scrape;
  const { target } = followed;
  const atRest = readPage === undefined || target.owner === 'reporter' ? undefined : atRestOf(scrape);
  if (atRest === undefined || readPage === undefined) return nothing;
  const { report, before } = atRest;
  const last = await attempt(context, `reading the last run of ${target.id}`, async () => ({
    run: await context.ports.runs.newest(target.id, atMs),
  }));
  if (last === undefined) return nothing;
  if (last.run !== undefined && isOnRecord(last.run, atRest.now)) return findUnwritten(last.run, scrape);
  const sinceAtMs = Math.min(atMs, Math.max(notBeforeMs(followed, before), lastKnownMs(last.run)));
  const reading = await readPage();
  // Locust's clock may be ahead: of a test that is over nothing comes after the answer.
  const history = endOfHistory(historyOf(reading, { atMs, sinceAtMs })).filter((entry) => entry.atMs <= atMs);
  const beganSince = isAfter(history, sinceAtMs);
  const sawEnd = sawItsEnd(followed);
  const isOwn = sawEnd && !mayBeOf(last.run, report);
  if (!beganSince && !sawTest && !isOwn && !isProven(atRest, last.run))
    return before === undefined && !sawEnd ? nothing : { kind: 'unclear' };
  const missed = beganSince ? history : [];
  const test = { report, atMs, sinceAtMs, history: missed, sampleSeconds: target.sampleSeconds };
  const ended = withSetup(unseenRun(test), { target, report, reading });
  const step = { run: undefined, ended, wasReset: false, wasUnseen: true };
  return { kind: 'unseen', consulted: { step, missed } };
}

/**
 * A run is on record, but the status does not say so: of a test that nobody saw, it was put there, and the answer came too
 * late or its window was killed. Its points may be missing, and are made once more.
 */
async function findUnwritten(run: Run, { atMs, readPage }: Scrape): Promise<Finding> {
  if (!wasUnseen(run)) return nothing;
  const history = historyOf(await readPage?.(), { atMs, sinceAtMs: run.startedAtMs - 1 });
  const missed = endOfHistory(history).filter((entry) => entry.atMs >= run.startedAtMs);
  return {
    kind: 'unseen',
    consulted: { step: { run: undefined, ended: run, wasReset: false, wasUnseen: true }, missed },
  };
}

/** The last answer came while the users of a test finished what they were at. */
function sawItsEnd({ latest }: FollowedTarget): boolean {
  return latest?.state !== undefined && latest.error === undefined && isWindingDown(latest.state);
}

/** Whether they may be the counters of a run that was given up. */
function mayBeOf(last: Run | undefined, report: Report): boolean {
  return last?.ended !== undefined && last.ended.outcome !== 'finished' && !countersFell(last.total, report.total);
}

/** Whether the counters are those of another test than the last, by themselves or by what is on record of that. */
function isProven({ report, now, before }: AtRest, last: Run | undefined): boolean {
  if (before === undefined) return false;
  if (areOfAnotherTest(before, now)) return true;
  return last !== undefined && isOnRecord(last, before) && haveOtherExtremes(last.total, report.total);
}

function atRestOf({ followed, fetched }: Scrape): AtRest | undefined {
  if (followed.run !== undefined || followed.isRemoved || !fetched.ok) return undefined;
  const { report } = fetched;
  const now = countersAtRest(report);
  const before = countersBefore(followed.stored);
  if (now === undefined || now.requests === 0 || haveSameCounters(before, now)) return undefined;
  return { report, now, before };
}

/** A Locust that was `ready` had made no test. */
function countersBefore(status: TargetStatus | undefined): CountersAtRest | undefined {
  return status?.atRest ?? (status?.state === 'ready' ? { requests: 0, failures: 0 } : undefined);
}

function isOnRecord(run: Run, now: CountersAtRest): boolean {
  const { numRequests: requests, numFailures: failures = 0 } = run.total;
  if (requests === undefined) return false;
  return haveSameCounters({ requests, failures, ageMs: run.countersAgeMs }, now);
}

/** A test that is not known did not begin earlier, ms: Locust had answered without it, or its target was not there. */
function notBeforeMs({ target, stored, latest }: FollowedTarget, before: CountersAtRest | undefined): number {
  const changedAtMs = Date.parse(target.updatedAt);
  if (stored === undefined || before === undefined) return changedAtMs + sameMomentMs;
  const isNewer =
    latest !== undefined && haveSameCounters(latest.atRest, stored.atRest) && !isUnderWay(latest.state ?? '');
  const { error, checkedAt, since } = isNewer ? latest : stored;
  return Math.max(changedAtMs, Date.parse(error === undefined ? checkedAt : since));
}

/** A run on record may have gone on after it was given up: only what began later is another test. */
function lastKnownMs(run: Run | undefined): number {
  return run === undefined ? -Infinity : Math.max(run.lastGoodAtMs, run.ended?.atMs ?? -Infinity);
}

function isAfter(history: readonly DatedEntry[], sinceAtMs: number): boolean {
  const [first] = history;
  return first !== undefined && first.atMs > sinceAtMs;
}

import type { DatedEntry } from '../locust/page/history.ts';
import type { Report } from '../locust/report/report.ts';
import { clocksApartMs } from '../runtime/clock.ts';
import { beganAtMsOf, runIdAt, withFinalFigures } from './run.ts';
import type { Run } from './run.ts';
import { withFilled } from './filled-timeline.ts';

/** A test that was over in the first answer that knows of it. */
interface UnseenTest {
  readonly report: Report;
  /** When that answer came, ms. */
  readonly atMs: number;
  /** No earlier than this did it begin, ms. */
  readonly sinceAtMs: number;
  /** What Locust has kept of it; empty where it is too short, or the release has no history. */
  readonly history: readonly DatedEntry[];
  readonly sampleSeconds: number;
}

/** Its closing sample comes after the last of its history. */
const leastMs = 1_000;

/**
 * The run that such a test is on record as: where Locust's history tells when it ran, then, else at the answer's instant.
 * Pure.
 */
export function unseenRun(test: UnseenTest): Run {
  const { report, atMs, sinceAtMs, history, sampleSeconds } = test;
  const ageMs = lastedMs(test);
  const firstAtMs = history[0]?.atMs;
  const startedAtMs = firstAtMs ?? atMs;
  const lastAtMs = history.at(-1)?.atMs ?? atMs;
  const endedAtMs = Math.min(atMs, Math.max(lastAtMs + leastMs, startedAtMs + (ageMs ?? 0)));
  const beganAtMs = ageMs === undefined ? undefined : Math.max(sinceAtMs, endedAtMs - ageMs);
  const run = {
    id: runIdAt(startedAtMs),
    startedAtMs,
    ...(beganAtMs !== undefined && beganAtMs < startedAtMs && { beganAtMs }),
    lastGoodAtMs: endedAtMs,
    lastState: report.state,
    total: report.total,
    peakUsers: 0,
    timeline: [],
    ended: { atMs: endedAtMs, outcome: 'finished' as const },
    notes: [unseenNote({ atMs, sinceAtMs, ageMs })],
  };
  return withFinalFigures(withFilled(run, history, sampleSeconds), report);
}

/** How long it lasted, ms; undefined where Locust does not say, or says more than there was time for. */
function lastedMs({ report, atMs, sinceAtMs }: UnseenTest): number | undefined {
  const { countersAgeMs: ageMs = Infinity } = report;
  return ageMs <= atMs - sinceAtMs + clocksApartMs ? ageMs : undefined;
}

/** What the stop of such a run says. */
export function unseenStopWords(run: Run): string {
  const lasted = run.ended === undefined ? 0 : run.ended.atMs - beganAtMsOf(run);
  return unseenWords(lasted > 0 ? lasted : undefined);
}

/** Whether a run on record is of a test that was over before it was seen. */
export function wasUnseen({ notes }: Run): boolean {
  return notes?.some((note) => note.includes(overWords)) === true;
}

const overWords = 'was over before it was seen';

/** @param ageMs how long it lasted, where that is known */
function unseenWords(ageMs: number | undefined): string {
  return `a test${ageMs === undefined ? '' : ` of about ${durationInWords(ageMs)}`} ${overWords}`;
}

function unseenNote({ atMs, sinceAtMs, ageMs }: { atMs: number; sinceAtMs: number; ageMs: number | undefined }) {
  const words = unseenWords(ageMs);
  return (
    `${words.charAt(0).toUpperCase()}${words.slice(1)}: it ran between ${instantInWords(sinceAtMs)} and ` +
    `${instantInWords(atMs)}. If others ran in that time, Locust has not kept them. To see such tests while they run, set IDLE_SECONDS lower, or add the companion's two lines ` +
    'to the locustfile.'
  );
}

/** Whether a history has entries of a test that was no longer looked at: Locust keeps none of a test that is over. */
export function endOfHistory(history: readonly DatedEntry[]): readonly DatedEntry[] {
  // Where a report is downloaded, some releases note one more entry, long after the end.
  const lastWithUsers = history.findLastIndex(({ userCount }) => (userCount ?? 0) > 0);
  return lastWithUsers < 0 ? history : history.slice(0, lastWithUsers + 1);
}

function durationInWords(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

const instantInWords = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

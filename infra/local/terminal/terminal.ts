import type { Verdict, VerdictResult } from '../../../lambda/runs/criteria/verdict.ts';
import type { RunOutcome } from '../../../lambda/runs/run.ts';
import { styleText } from 'node:util';
import { bannerText } from './banner-text.ts';
import { clockTime } from './clock-time.ts';
import type { StartBanner } from './banner-text.ts';
import type { InfluxState } from './influx-trouble.ts';
import { influxText } from './influx-trouble-text.ts';
import type { InfluxMoment } from './influx-trouble-text.ts';
import { plainText } from './plain-text.ts';

/** One successful scrape of a target during a run. What Locust did not say is undefined and shown as `–`. */
export interface SampleLine {
  /** ms since the epoch. */
  readonly atMs: number;
  readonly target: string;
  readonly state: string;
  readonly userCount: number | undefined;
  /** Requests per second. */
  readonly currentRps: number | undefined;
  /** Failures per second. */
  readonly currentFailPerSec: number | undefined;
  /** Failures by requests since the run's start, 0 to 1. */
  readonly failRatio: number | undefined;
  /** The current 95th percentile of the response times, ms. */
  readonly p95: number | undefined;
  readonly pointsWritten: number;
}

interface TargetUnreachable {
  readonly atMs: number;
  readonly target: string;
  readonly kind: string;
  readonly message: string;
  /** Of a run that goes on meanwhile: since its last sample, until it counts as ended, ms. */
  readonly noAnswer?: { readonly sinceAtMs: number; readonly endsAtMs: number } | undefined;
}

interface TargetReachable {
  readonly atMs: number;
  readonly target: string;
  readonly state: string;
}

interface RunStarted {
  readonly atMs: number;
  readonly target: string;
  readonly run: string;
}

export interface RunEnded extends RunStarted {
  readonly outcome: RunOutcome;
  readonly durationMs: number;
  readonly numRequests: number | undefined;
  readonly numFailures: number | undefined;
  /** Undefined where its target has no criteria. */
  readonly verdict?: Verdict | undefined;
}

interface InfluxChange {
  readonly atMs: number;
  readonly state: InfluxState;
  readonly moment: InfluxMoment;
}

/** Anything else that went wrong. */
interface Problem {
  readonly atMs: number;
  readonly text: string;
}

/** What `npm start` prints. Each function returns its text without a last line break; text from outside is made safe. */
export interface TerminalView {
  readonly banner: (banner: StartBanner) => string;
  readonly sample: (sample: SampleLine) => string;
  readonly unreachable: (event: TargetUnreachable) => string;
  readonly reachable: (event: TargetReachable) => string;
  readonly runStarted: (event: RunStarted) => string;
  readonly runEnded: (event: RunEnded) => string;
  /** Its last figures came in late. */
  readonly runSettled: (event: RunEnded) => string;
  readonly influxChanged: (event: InfluxChange) => string;
  readonly problem: (event: Problem) => string;
}

/** What is known of the place where the text is printed: `process.stdout` and `process.env` fit. */
export interface Screen {
  readonly isTTY?: boolean | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

type Style = Parameters<typeof styleText>[0];
type Paint = (style: Style, text: string) => string;

/**
 * Aligned columns and colours on a terminal; plain lines, two spaces between the parts, where it is none.
 * NO_COLOR, when not empty, leaves the columns and takes the colours.
 */
export function createTerminalView({ isTTY = false, env }: Screen): TerminalView {
  const coloured = isTTY && (env['NO_COLOR'] ?? '') === '';
  const paint: Paint = (style, text) => (coloured ? styleText(style, text, { validateStream: false }) : text);
  const event = eventLine(paint);
  return {
    banner: (banner) => bannerText(banner, (text) => paint('bold', text)),
    sample: (sample) => sampleLine(sample, paint, isTTY),
    unreachable: (failed) => event(failed.atMs, 'red', unreachableText(failed)),
    reachable: ({ atMs, target, state }) => event(atMs, 'green', `${target} answers: ${state}`),
    runStarted: ({ atMs, target, run }) => event(atMs, 'cyan', `${target} run ${run} started`),
    runEnded: (ended) => {
      const style = ended.outcome === 'finished' ? 'cyan' : 'yellow';
      return [event(ended.atMs, style, runEndedText(ended)), ...verdictLines(ended, event)].join('\n');
    },
    runSettled: (ended) => [event(ended.atMs, 'cyan', runSettledText(ended)), ...verdictLines(ended, event)].join('\n'),
    influxChanged: ({ atMs, state, moment }) => event(atMs, influxStyle(state), influxText(state, moment)),
    problem: ({ atMs, text }) => event(atMs, 'red', text),
  };
}

const eventLine =
  (paint: Paint) =>
  (atMs: number, style: Style, text: string): string =>
    `${paint('dim', clockTime(atMs))}  ${paint(style, plainText(text))}`;

function sampleLine(sample: SampleLine, paint: Paint, aligned: boolean): string {
  const fails = (sample.currentFailPerSec ?? 0) > 0;
  const cells: [text: string, width: number, style?: Style | undefined][] = [
    [clockTime(sample.atMs), 8, 'dim'],
    [plainText(sample.target), -16, 'bold'],
    [plainText(sample.state), -8],
    [counted(sample.userCount, 'user'), 11],
    [`${figure(sample.currentRps, 1)} req/s`, 14],
    [failures(sample), 25, fails ? 'red' : undefined],
    [`p95 ${figure(sample.p95, 0)} ms`, 13],
    [counted(sample.pointsWritten, 'point'), 12],
  ];
  return cells
    .map(([text, width, style]) => {
      const cell = aligned ? pad(text, width) : text;
      return style === undefined ? cell : paint(style, cell);
    })
    .join('  ');
}

function failures({ currentFailPerSec, failRatio }: SampleLine): string {
  const ratio = failRatio === undefined ? '' : ` (${figure(failRatio * 100, 1)} %)`;
  return `${figure(currentFailPerSec, 1)} failures/s${ratio}`;
}

function unreachableText({ target, kind, message, noAnswer }: TargetUnreachable): string {
  const run =
    noAnswer === undefined
      ? ''
      : `no answer since ${clockTime(noAnswer.sinceAtMs)}, counts as ended at ${clockTime(noAnswer.endsAtMs)}; `;
  return `${target} cannot be read: ${run}${kind}: ${message}`;
}

const outcomeWords: Readonly<Record<RunOutcome, string>> = {
  finished: 'finished',
  ended: 'ended (its Locust has exited)',
  lost: 'was lost (no sample for too long)',
};

function runEndedText({ target, run, outcome, durationMs, ...counts }: RunEnded): string {
  return `${target} run ${run} ${outcomeWords[outcome]} after ${duration(durationMs)}: ${countsText(counts)}`;
}

const verdictStyles: Readonly<Record<VerdictResult, Style>> = { passed: 'green', failed: 'red', unsure: 'yellow' };

/** The verdict, with what it rests on: where the run passed, that is all criteria. */
function verdictLines({ atMs, target, run, verdict }: RunEnded, event: ReturnType<typeof eventLine>): string[] {
  if (verdict === undefined) return [];
  const { result, rules, doubts, baseline } = verdict;
  const against = baseline === undefined ? '' : `, compared with ${baseline}`;
  const reasons = [...rules.filter((rule) => rule.result !== 'passed').map(({ text }) => text), ...doubts];
  const style = verdictStyles[result];
  return [
    event(atMs, style, `${target} run ${run} ${verdictWords[result]}${against}`),
    ...reasons.map((reason) => event(atMs, style, `${target}   ${reason}`)),
  ];
}

const verdictWords: Readonly<Record<VerdictResult, string>> = {
  passed: 'passed: it meets its criteria',
  failed: 'failed',
  unsure: 'is unsure: its figures do not say enough',
};

function runSettledText({ target, run, ...counts }: RunEnded): string {
  return `${target} run ${run}: the last figures came in late: ${countsText(counts)}`;
}

function countsText({ numRequests, numFailures }: Pick<RunEnded, 'numRequests' | 'numFailures'>): string {
  return `${counted(numRequests, 'request')}, ${counted(numFailures, 'failure')}`;
}

function influxStyle(state: InfluxState): Style {
  if (state.kind !== 'trouble') return 'green';
  return state.trouble === 'down' ? 'yellow' : 'red';
}

/** Right-aligned, or left-aligned for a negative width. */
const pad = (text: string, width: number): string => (width < 0 ? text.padEnd(-width) : text.padStart(width));

const figure = (value: number | undefined, digits: number): string =>
  value === undefined ? '–' : value.toFixed(digits);

const counted = (value: number | undefined, what: string): string =>
  `${figure(value, 0)} ${value === 1 ? what : `${what}s`}`;

function duration(durationMs: number): string {
  const seconds = Math.round(durationMs / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const parts = [hours > 0 ? `${hours} h` : '', minutes > 0 ? `${minutes} min` : '', `${seconds % 60} s`];
  return parts.filter((part) => part !== '').join(' ');
}

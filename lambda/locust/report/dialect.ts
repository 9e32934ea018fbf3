import { isObject } from './is-object.ts';
import type { JsonObject } from './is-object.ts';

/** The releases that may have sent an answer: `from` one on, and older than `before`; an open end is undefined. */
interface Releases {
  readonly from?: string;
  readonly before?: string;
}

/** What in an answer shows its release. */
interface Traits {
  readonly top: JsonObject;
  /** Any row of `stats[]`; empty when there is none. */
  readonly row: JsonObject;
  /** A row of `errors[]`; empty when there is none. */
  readonly error: JsonObject;
  readonly totalName: unknown;
  readonly hasConfiguredPercentiles: boolean;
}

type Clue = readonly [isGiven: (traits: Traits) => boolean, releases: Releases];

/** Read from Locust's history: which releases send what. Each clue that is given narrows the range. */
const clues: readonly Clue[] = [
  [({ top }) => 'current_rps' in top, { from: '2.45.0' }],
  [({ top }) => !('current_rps' in top), { before: '2.45.0' }],
  [({ error }) => 'first_seen' in error, { from: '2.44.0' }],
  [({ error }) => 'error' in error && !('first_seen' in error), { before: '2.44.0' }],
  [({ error }) => 'occurences' in error, { before: '0.12.0' }],
  [({ top }) => 'worker_count' in top, { from: '2.37.2' }],
  [({ top }) => 'workers' in top && !('worker_count' in top), { from: '1.0', before: '2.37.2' }],
  [({ top }) => 'slaves' in top, { from: '0.9.0', before: '1.0' }],
  [({ top }) => 'slave_count' in top, { before: '0.9.0' }],
  [({ row }) => 'safe_name' in row, { from: '0.12.2', before: '2.37.13' }],
  [({ row, hasConfiguredPercentiles }) => hasConfiguredPercentiles && !('safe_name' in row), { from: '2.37.13' }],
  [({ hasConfiguredPercentiles }) => hasConfiguredPercentiles, { from: '2.21.0' }],
  [({ row }) => 'ninetieth_response_time' in row, { from: '0.13.0', before: '2.28.0' }],
  [({ row }) => 'ninety_ninth_response_time' in row, { from: '2.7.0' }],
  [({ row }) => 'ninetieth_response_time' in row && !('ninety_ninth_response_time' in row), { before: '2.7.0' }],
  [({ row }) => 'current_fail_per_sec' in row, { from: '0.13.0' }],
  [({ row }) => 'name' in row && !('current_fail_per_sec' in row), { before: '0.13.0' }],
  [({ totalName }) => totalName === 'Total', { before: '0.12.2' }],
  [({ totalName }) => totalName === 'Aggregated', { from: '0.12.2' }],
  [({ top }) => 'current_response_time_percentiles' in top, { from: '2.20.0' }],
  [({ top }) => 'current_response_time_percentile_1' in top, { from: '2.15.1', before: '2.28.0' }],
  [({ top }) => 'current_response_time_percentile_95' in top, { from: '0.9.0', before: '2.15.1' }],
  [({ top }) => !Object.keys(top).some((key) => key.startsWith('current_response_time')), { before: '0.9.0' }],
  [({ top }) => top['state'] === 'hatching', { before: '1.2' }],
  [({ top }) => top['state'] === 'spawning', { from: '1.2' }],
];

/**
 * Which releases of Locust may have sent an answer, judged by its keys, in words: `Locust 2.45.0 or later`,
 * `Locust from 0.13.0, before 1.0`. A guess, and never narrower than the keys allow; keys that no release sends
 * together give `unknown Locust`.
 * @param top the parsed answer, which has a `stats` list
 */
export function dialectOf(top: JsonObject, stats: readonly unknown[]): string {
  const row = firstObject(stats.slice(-1));
  const traits: Traits = {
    top,
    row,
    error: firstObject(top['errors']),
    totalName: row['name'],
    hasConfiguredPercentiles: Object.keys(row).some((key) => key.startsWith('response_time_percentile_')),
  };
  let from: string | undefined;
  let before: string | undefined;
  for (const [isGiven, releases] of clues) {
    if (!isGiven(traits)) continue;
    if (releases.from !== undefined && (from === undefined || isOlder(from, releases.from))) from = releases.from;
    if (releases.before !== undefined && (before === undefined || isOlder(releases.before, before)))
      before = releases.before;
  }
  return inWords(from, before);
}

function inWords(from: string | undefined, before: string | undefined): string {
  if (from !== undefined && before !== undefined) {
    return isOlder(from, before) ? `Locust from ${from}, before ${before}` : 'unknown Locust';
  }
  if (from !== undefined) return `Locust ${from} or later`;
  return before === undefined ? 'unknown Locust' : `Locust before ${before}`;
}

function isOlder(release: string, than: string): boolean {
  const [one, other] = [release, than].map((text) => text.split('.').map(Number));
  for (let part = 0; part < 3; part += 1) {
    const difference = (one?.[part] ?? 0) - (other?.[part] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function firstObject(rows: unknown): JsonObject {
  const [first] = Array.isArray(rows) ? (rows as readonly unknown[]) : [];
  return isObject(first) ? first : {};
}

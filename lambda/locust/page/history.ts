import { clocksApartMs } from '../../runtime/clock.ts';
import { reportLimits } from '../report/limits.ts';
import { isObject } from '../report/is-object.ts';
import type { JsonObject } from '../report/is-object.ts';
import { figure, percentileKeys } from '../report/rows.ts';
import type { Percentile } from '../report/rows.ts';
import { jsonParts, shortJson } from './json-parts.ts';

/** One moment of a test as Locust itself has kept it: every 5 s it notes what its charts show. */
export interface HistoryEntry {
  /** As Locust writes it: `2026-11-30T08:46:21Z`, or `08:46:21` in UTC in older releases, such as 2.24. */
  readonly time: string;
  readonly userCount: number | undefined;
  readonly currentRps: number | undefined;
  readonly currentFailPerSec: number | undefined;
  /** Over the whole test so far, ms. */
  readonly avgResponseTime: number | undefined;
  /** Over the ten seconds before. */
  readonly currentPercentiles: readonly Percentile[];
}

/** The same with its instant, ms. */
export interface DatedEntry extends HistoryEntry {
  readonly atMs: number;
}

/** Entries of a history that are read, the last ones: 5 hours. */
export const maxHistoryEntries = 3_600;
/** So many entries of a busy Locust, which notes them later, are no older. */
const maxHistoryMs = 36_000_000;
const dayMs = 86_400_000;

/**
 * Reads the list `history` of Locust's page; what is no entry is left out. Takes linear time.
 * @param placed the labels of the percentiles that come as `_1` and `_2`, where the page proves them
 */
export function parseHistory(
  text: string | undefined,
  placed: readonly [string, string] | undefined,
): readonly HistoryEntry[] {
  const from = text?.search(/\S/) ?? -1;
  const parts = text?.[from] === '[' ? jsonParts(text, from) : undefined;
  const entries = (parts ?? []).slice(-maxHistoryEntries).flatMap((part) => {
    const json = shortJson(part);
    return isObject(json) ? entryOf(json, placed) : [];
  });
  return withKnownLabels(entries);
}

/** Each kind of percentile is a field in InfluxDB, for ever: the first ones of the whole list, as in a report. */
function withKnownLabels(entries: readonly HistoryEntry[]): readonly HistoryEntry[] {
  const labels = new Set<string>();
  return entries.map((entry) => {
    const currentPercentiles = entry.currentPercentiles.filter(
      ({ label }) => labels.has(label) || (labels.size < reportLimits.maxPercentiles && labels.add(label)),
    );
    return { ...entry, currentPercentiles };
  });
}

const timeForms = /^(?:\d{4}-\d\d-\d\dT)?\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|\+00:00)?$/;

function entryOf(json: JsonObject, placed: readonly [string, string] | undefined): readonly HistoryEntry[] {
  const { time } = json;
  if (typeof time !== 'string' || !timeForms.test(time)) return [];
  return [
    {
      time,
      userCount: valueOf(json['user_count']),
      currentRps: valueOf(json['current_rps']),
      currentFailPerSec: valueOf(json['current_fail_per_sec']),
      avgResponseTime: valueOf(json['total_avg_response_time']),
      currentPercentiles: percentilesOf(json, placed),
    },
  ];
}

/** In newer releases, such as 2.31, each value comes with its time: `["2026-11-30T08:46:21Z", 14.0]`. */
function valueOf(value: unknown): number | undefined {
  const number = figure(Array.isArray(value) ? value[1] : value);
  return number === undefined || number < 0 ? undefined : number;
}

/** The keys of percentiles that are named by their place in Locust's settings (2.15.1 to 2.27). */
const placedKeys = ['response_time_percentile_1', 'response_time_percentile_2'] as const;

function percentilesOf(json: JsonObject, placed: readonly [string, string] | undefined): readonly Percentile[] {
  const named = percentileKeys(json).filter(([key]) => !placedKeys.some((each) => each === key));
  const byPlace = placed === undefined ? [] : placedKeys.map((key, at) => [key, placed[at] ?? ''] as const);
  const keys = named.length > 0 ? named : byPlace;
  // Where nothing had finished, Locust notes 0.
  return keys.flatMap(([key, label]) => {
    const value = valueOf(json[key]);
    return value === undefined || value === 0 ? [] : [{ label, value }];
  });
}

/**
 * The entries with their instants, in order; those of the future, those that are not later than the one before, and
 * those that have no instant are left out. Times without a date are those of the last day before the reading.
 * @param read.atMs when the page was read
 * @param read.sinceAtMs of a test that may be over: it is not older; times without a date are of no use where that is a
 *   day ago or more. Undefined for one that is under way: its entries are not older than `maxHistoryMs`
 */
export function dateHistory(
  history: readonly HistoryEntry[],
  read: { readonly atMs: number; readonly sinceAtMs?: number },
): readonly DatedEntry[] {
  const latestMs = read.atMs + clocksApartMs;
  const isDateless = history.some(({ time }) => !time.includes('T'));
  if (isDateless && read.atMs - (read.sinceAtMs ?? read.atMs) >= dayMs) return [];
  const dated: DatedEntry[] = [];
  let beforeMs = latestMs + 1;
  for (const entry of history.toReversed()) {
    const atMs = instantOf(entry.time, beforeMs - 1);
    if (!(atMs < beforeMs) || (read.sinceAtMs === undefined && atMs < read.atMs - maxHistoryMs)) continue;
    dated.push({ ...entry, atMs });
    beforeMs = atMs;
  }
  return dated.reverse();
}

/** @param untilMs a time without a date is the last such time up to here */
function instantOf(time: string, untilMs: number): number {
  if (time.includes('T')) return Date.parse(/[Z+]/.test(time) ? time : `${time}Z`);
  const ofDayMs = Date.parse(`1970-01-01T${time.replace(/Z|\+.*/, '')}Z`);
  return Math.floor((untilMs - ofDayMs) / dayMs) * dayMs + ofDayMs;
}

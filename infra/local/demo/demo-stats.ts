import type { DemoRequest } from './demo-load.ts';

/** A row of `stats[]` as Locust 2.46 sends it. Times in ms, sizes in bytes, rates per second. */
export interface DemoRow {
  readonly method: string;
  readonly name: string;
  readonly num_requests: number;
  readonly num_failures: number;
  readonly min_response_time: number;
  readonly max_response_time: number;
  readonly current_rps: number;
  readonly current_fail_per_sec: number;
  readonly avg_response_time: number;
  readonly median_response_time: number;
  readonly total_rps: number;
  readonly total_fail_per_sec: number;
  readonly 'response_time_percentile_0.95': number;
  readonly 'response_time_percentile_0.99': number;
  readonly avg_content_length: number;
}

/** The row of `requests`, which are some or all of a run whose last request was made at `lastAtMs` since its start. */
export function demoRow(method: string, name: string, requests: readonly DemoRequest[], lastAtMs: number): DemoRow {
  const times = requests.map(({ responseTimeMs }) => responseTimeMs);
  const failures = requests.filter(({ error }) => error !== undefined);
  const perSecond = (count: number): number => (lastAtMs === 0 ? 0 : count / (lastAtMs / 1000));
  return {
    method,
    name,
    num_requests: requests.length,
    num_failures: failures.length,
    min_response_time: Math.round(times.length === 0 ? 0 : Math.min(...times)),
    max_response_time: Math.round(Math.max(0, ...times)),
    current_rps: currentRate(requests, lastAtMs),
    current_fail_per_sec: currentRate(failures, lastAtMs),
    avg_response_time: mean(times),
    median_response_time: percentileOf(times, 0.5),
    total_rps: perSecond(requests.length),
    total_fail_per_sec: perSecond(failures.length),
    'response_time_percentile_0.95': percentileOf(times, 0.95),
    'response_time_percentile_0.99': percentileOf(times, 0.99),
    avg_content_length: mean(requests.map(({ contentLength }) => contentLength)),
  };
}

/** The time in ms within which `share` of the requests were answered, kept to two significant digits; 0 for none. */
export function percentileOf(timesMs: readonly number[], share: number): number {
  const kept = timesMs.map(twoDigits).sort((a, b) => a - b);
  return kept[Math.max(0, Math.ceil(kept.length * share) - 1)] ?? 0;
}

/** As Locust keeps response times: 147 as 150, 3432 as 3400. */
function twoDigits(timeMs: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, timeMs))) - 1);
  return Math.round(timeMs / unit) * unit;
}

/** Locust's current rate: the mean over ten whole seconds, the last of which lies two seconds back. */
function currentRate(requests: readonly DemoRequest[], lastAtMs: number): number {
  const lastSecond = Math.floor(lastAtMs / 1000);
  const [from, to] = [Math.max(0, lastSecond - 12), lastSecond - 2];
  if (to <= from) return 0;
  const inWindow = requests.filter(({ atMs }) => atMs >= from * 1000 && atMs < to * 1000);
  return inWindow.length / (to - from);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

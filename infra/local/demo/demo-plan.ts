import { groupBy } from '../../../lambda/runtime/group-by.ts';
import { type DemoRequest, demoRequests, spawningMs, usersAt } from './demo-load.ts';
import { type DemoRow, demoRow, percentileOf } from './demo-stats.ts';

const readyMs = 8_000;
const runningMs = 90_000;
const stoppedMs = 15_000;
const runMs = spawningMs + runningMs;

/** One round of the simulated load test, from ready to ready, in ms. */
export const demoRoundMs = readyMs + runMs + stoppedMs;

/** A row of `errors[]` as Locust 2.46 sends it. */
interface DemoErrorRow {
  readonly name: string;
  readonly method: string;
  readonly error: string;
  occurrences: number;
  /** Seconds since the epoch. */
  readonly first_seen: number;
  last_seen: number;
}

/** What the simulated Locust answers at `/stats/requests`, in the shape of Locust 2.46, not a master. */
export interface DemoReport {
  readonly stats: readonly DemoRow[];
  readonly errors: readonly DemoErrorRow[];
  readonly current_rps: number;
  readonly current_fail_per_sec: number;
  readonly total_rps: number;
  readonly total_fail_per_sec: number;
  readonly fail_ratio: number;
  readonly current_response_time_percentiles: Readonly<Record<string, number | null>>;
  readonly state: 'ready' | 'spawning' | 'running' | 'stopped';
  readonly user_count: number;
}

/**
 * The simulated test at an instant: ready for 8 s, spawning for 20 s, running for 90 s, stopped for 15 s, and again
 * with counters that start from 0. Depends on its arguments alone.
 * @param startedAtMs when the first round began, ms since the epoch
 * @param nowMs the instant asked for, ms since the epoch, not before `startedAtMs`
 */
export function demoReport(startedAtMs: number, nowMs: number): DemoReport {
  const sinceReadyMs = Math.max(0, nowMs - startedAtMs) % demoRoundMs;
  const sinceRunMs = sinceReadyMs - readyMs;
  const requests = demoRequests(Math.min(sinceRunMs, runMs));
  const total = demoRow('', 'Aggregated', requests, requests.at(-1)?.atMs ?? 0);
  const state = stateAt(sinceRunMs);
  return {
    stats: [...endpointRows(requests), total],
    errors: errorRows(requests, nowMs - sinceRunMs),
    current_rps: total.current_rps,
    current_fail_per_sec: total.current_fail_per_sec,
    total_rps: total.total_rps,
    total_fail_per_sec: total.total_fail_per_sec,
    fail_ratio: total.num_requests === 0 ? 0 : total.num_failures / total.num_requests,
    current_response_time_percentiles: currentPercentiles(requests, sinceRunMs),
    state,
    user_count: state === 'spawning' || state === 'running' ? usersAt(sinceRunMs) : 0,
  };
}

function stateAt(sinceRunMs: number): DemoReport['state'] {
  if (sinceRunMs < 0) return 'ready';
  if (sinceRunMs < spawningMs) return 'spawning';
  return sinceRunMs < runMs ? 'running' : 'stopped';
}

/** Sorted by name as Locust does it, which goes by code points. */
function endpointRows(requests: readonly DemoRequest[]): DemoRow[] {
  const lastAtMs = requests.at(-1)?.atMs ?? 0;
  return [...groupBy(requests, ({ name }) => name)]
    .sort(([first], [second]) => (first < second ? -1 : 1))
    .map(([name, ofEndpoint]) => demoRow(ofEndpoint[0]?.method ?? '', name, ofEndpoint, lastAtMs));
}

function errorRows(requests: readonly DemoRequest[], runStartedAtMs: number): DemoErrorRow[] {
  const rows = new Map<string, DemoErrorRow>();
  for (const { method, name, error, atMs } of requests) {
    if (error === undefined) continue;
    const seen = (runStartedAtMs + atMs) / 1000;
    const row = rows.get(name) ?? { name, method, error, occurrences: 0, first_seen: seen, last_seen: seen };
    row.occurrences += 1;
    row.last_seen = seen;
    rows.set(name, row);
  }
  return [...rows.values()];
}

/**
 * Over the last ten seconds or so. As with Locust null until two seconds after the first request, and once the
 * run has been over for as long as the window is wide.
 */
function currentPercentiles(requests: readonly DemoRequest[], sinceRunMs: number): Record<string, number | null> {
  const windowMs = 10_000;
  const fromAtMs = Math.max(0, sinceRunMs - windowMs);
  const times = requests.filter(({ atMs }) => atMs >= fromAtMs).map(({ responseTimeMs }) => responseTimeMs);
  const [first] = requests;
  const known = first !== undefined && sinceRunMs - first.atMs >= 2000 && times.length > 0;
  return {
    'response_time_percentile_0.5': known ? percentileOf(times, 0.5) : null,
    'response_time_percentile_0.95': known ? percentileOf(times, 0.95) : null,
  };
}

import { expect, test } from 'vitest';
import { demoReport, type DemoReport, demoRoundMs } from '../../../infra/local/demo/demo-plan.ts';

const startedAtMs = Date.UTC(2026, 10, 22, 14, 5);
const at = (seconds: number): DemoReport => demoReport(startedAtMs, startedAtMs + seconds * 1000);
const halfSeconds = Array.from({ length: 267 }, (_, half) => half / 2).filter((second) => second * 1000 < demoRoundMs);
const totalOf = ({ stats }: DemoReport): DemoReport['stats'][number] => {
  const total = stats.at(-1);
  if (total === undefined) throw new Error('a report always has its total row');
  return total;
};

test.each([
  [0, 'ready', 0],
  [7.9, 'ready', 0],
  [8, 'spawning', 1],
  [18, 'spawning', 26],
  [28, 'running', 50],
  [117.9, 'running', 50],
  [118, 'stopped', 0],
  [132.9, 'stopped', 0],
  [133, 'ready', 0],
  [133 + 28, 'running', 50],
])('after %d s the simulated test is %s with %d users', (seconds, state, users) => {
  expect(at(seconds)).toMatchObject({ state, user_count: users });
});

test('the same instant always tells the same, in a later round too', () => {
  expect(at(70)).toEqual(at(70));
  expect(at(70 + 133).stats).toEqual(at(70).stats);
});

test('counters rise within a second, and nothing is shown before it happened', () => {
  expect(totalOf(at(60.2)).num_requests).toBeLessThan(totalOf(at(60.5)).num_requests);
  for (const second of halfSeconds) {
    for (const { last_seen: last } of at(second).errors) expect(last).toBeLessThanOrEqual(startedAtMs / 1000 + second);
  }
});

test('counters never fall from ready to stopped, and start from 0 in the next round', () => {
  const counts = halfSeconds.map((second) => totalOf(at(second)));

  for (const [index, count] of counts.entries()) {
    expect(count.num_requests).toBeGreaterThanOrEqual(counts[index - 1]?.num_requests ?? 0);
    expect(count.num_failures).toBeGreaterThanOrEqual(counts[index - 1]?.num_failures ?? 0);
  }
  expect(counts.at(-1)?.num_requests).toBeGreaterThan(3000);
  expect(totalOf(at(133))).toMatchObject({ num_requests: 0, num_failures: 0 });
});

test('at every instant the rows and errors add up to the total, which is the last row', () => {
  for (const second of halfSeconds) {
    const report = at(second);
    const rows = report.stats.slice(0, -1);
    const total = totalOf(report);
    const sum = (figure: (row: (typeof rows)[number]) => number): number =>
      rows.reduce((all, row) => all + figure(row), 0);
    expect(total).toMatchObject({ method: '', name: 'Aggregated' });
    expect(sum((row) => row.num_requests)).toBe(total.num_requests);
    expect(sum((row) => row.num_failures)).toBe(total.num_failures);
    expect(sum((row) => row.current_rps)).toBeCloseTo(total.current_rps);
    expect(sum((row) => row.avg_response_time * row.num_requests)).toBeCloseTo(
      total.avg_response_time * total.num_requests,
      3,
    );
    expect(report.errors.reduce((all, { occurrences }) => all + occurrences, 0)).toBe(total.num_failures);
    expect(report.current_rps).toBe(total.current_rps);
    expect(report.fail_ratio).toBe(total.num_requests === 0 ? 0 : total.num_failures / total.num_requests);
    for (const row of report.stats) {
      expect(row.num_failures).toBeLessThanOrEqual(row.num_requests);
      expect(row.min_response_time).toBeLessThanOrEqual(row.max_response_time);
      expect(row['response_time_percentile_0.95']).toBeLessThanOrEqual(row['response_time_percentile_0.99']);
    }
  }
});

test('five endpoints stand in the order of their names, and none before its first request', () => {
  expect(at(8).stats.map(({ name }) => name)).toEqual(['Aggregated']);
  expect(at(60).stats.map(({ name }) => name)).toEqual([
    '/',
    '/cart',
    '/checkout',
    '/product/[id]',
    '/search',
    'Aggregated',
  ]);
});

test('current percentiles are null before the run, known in it, and null again when it is long over', () => {
  const p95 = (second: number): unknown =>
    at(second).current_response_time_percentiles['response_time_percentile_0.95'];

  expect(p95(5)).toBeNull();
  expect(totalOf(at(11)).num_requests).toBeGreaterThan(0);
  expect(p95(11)).toBeNull();
  expect(p95(60)).toBeGreaterThan(0);
  expect(p95(131)).toBeNull();
});

test('response times worsen with the load', () => {
  const alone = at(12).current_response_time_percentiles['response_time_percentile_0.5'] ?? 0;
  const crowded = at(45).current_response_time_percentiles['response_time_percentile_0.5'] ?? 0;

  expect(alone).toBeGreaterThan(0);
  expect(crowded).toBeGreaterThan(2 * alone);
});

test('two kinds of errors come in a burst in the middle of the run, and with it the failures per second', () => {
  expect(at(57).errors).toEqual([]);
  expect(at(75).errors).toHaveLength(2);
  expect(at(68).current_fail_per_sec).toBeGreaterThan(1);
  expect(at(110).current_fail_per_sec).toBe(0);
  expect(at(110).errors).toEqual(at(75).errors);
  for (const { first_seen: first, last_seen: last } of at(75).errors) {
    expect(first).toBeGreaterThanOrEqual(startedAtMs / 1000 + 58);
    expect(last).toBeLessThan(startedAtMs / 1000 + 73);
  }
});

test('after the stop the current rate keeps its last value, as with Locust', () => {
  expect(at(132).current_rps).toBe(at(119).current_rps);
  expect(at(132).current_rps).toBeGreaterThan(30);
});

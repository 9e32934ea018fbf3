import { beforeEach, expect, test } from 'vitest';
import { createTerminalObserver } from '../../infra/local/terminal-observer.ts';
import type { LocalObserver } from '../../infra/local/terminal-observer.ts';
import { createTerminalView } from '../../infra/local/terminal.ts';
import type { DeliveryProblem } from '../../lambda/collector/observer.ts';
import { createHandClock } from '../support/hand-clock.ts';
import type { HandClock } from '../support/hand-clock.ts';
import { answer, reportOf } from '../support/report-text.ts';

const noonMs = Date.UTC(2026, 10, 22, 12);
const waiting = (status: number | undefined, reason = 'no'): DeliveryProblem => ({
  outcome: 'retryable',
  lines: 8,
  status,
  reason,
});
const refused: DeliveryProblem = { outcome: 'rejected', lines: 1, status: 400, reason: 'bad line' };

let clock: HandClock;
let observer: LocalObserver;
let printed: string[];
beforeEach(() => {
  clock = createHandClock(noonMs);
  printed = [];
  const view = createTerminalView({ env: {} });
  const print = (text: string): void => {
    printed.push(text.replace(/^[\d:]{8} {2}/, ''));
  };
  observer = createTerminalObserver({ view, clock, print });
});

test.each([
  [401, 'they wait on disk; check INFLUX_TOKEN (status 401: no)'],
  [403, 'they wait on disk; check INFLUX_TOKEN (status 403: no)'],
  [404, 'they wait on disk; check INFLUX_BUCKET and INFLUX_ORG (status 404: no)'],
  [301, 'they wait on disk; check INFLUX_URL (status 301: no)'],
  [429, 'they wait on disk and are sent when InfluxDB is back (status 429: no)'],
  [503, 'they wait on disk and are sent when InfluxDB is back (status 503: no)'],
  [undefined, 'they wait on disk and are sent when InfluxDB is back (no answer: no)'],
])('of points that wait after status %s it is told what becomes of them and what to mend', (status, text) => {
  observer.notDelivered?.(waiting(status));

  expect(printed).toEqual([`InfluxDB cannot take 8 points: ${text}`]);
});

test('a reason of any length leaves room for what to mend', () => {
  observer.notDelivered?.(waiting(401, 'x'.repeat(300)));

  expect(printed[0]).toContain('check INFLUX_TOKEN');
});

test('a trouble is told once, however long it lasts, another one again, and once that it is over', () => {
  for (let sample = 0; sample < 5; sample += 1) observer.notDelivered?.(waiting(401));
  observer.notDelivered?.(waiting(undefined, 'connect ECONNREFUSED'));
  observer.notDelivered?.(waiting(503));
  for (let sample = 0; sample < 5; sample += 1) observer.delivered();
  observer.notDelivered?.(waiting(401));

  expect(printed.map((line) => line.replace(/.* (?:disk|points) ?(.*) \(.*/, '$1'))).toEqual([
    '; check INFLUX_TOKEN',
    'and are sent when InfluxDB is back',
    'InfluxDB takes points again; those that wait on disk follow',
    '; check INFLUX_TOKEN',
  ]);
});

test('refused points are told once, though others are taken meanwhile, and their number once there are no more', async () => {
  for (let second = 0; second <= 60; second += 10) {
    await clock.advanceTo(noonMs + second * 1000);
    observer.delivered();
    observer.notDelivered?.(refused);
  }
  await clock.advanceTo(noonMs + 149_000);
  observer.delivered();
  expect(printed).toEqual(['InfluxDB refused 1 point, kept as dead letters: see the page (status 400: bad line)']);

  await clock.advanceTo(noonMs + 150_000);
  observer.delivered();
  observer.delivered();
  expect(printed.slice(1)).toEqual(['InfluxDB takes all points again; 7 points kept as dead letters: see the page']);
});

test('an InfluxDB that takes everything is not told of', () => {
  observer.delivered();

  expect(printed).toEqual([]);
});

test('what is wrong before there are points is told as that, and again of the first points', () => {
  observer.notReady({ ...waiting(401), lines: 0 });
  observer.notDelivered?.(waiting(401));

  expect(printed).toEqual([
    'InfluxDB does not take points yet: they will wait on disk; check INFLUX_TOKEN (status 401: no)',
    'InfluxDB cannot take 8 points: they wait on disk; check INFLUX_TOKEN (status 401: no)',
  ]);
});

test('a sample that is both reported and fetched is shown once, those of others and of other instants too', () => {
  const sample = { target: 'shop', atMs: noonMs, report: reportOf(answer({})), failure: undefined, points: 2 };
  const failed = { ...sample, report: undefined, failure: { kind: 'timeout', message: 'late' } } as const;

  observer.sampled?.(failed);
  observer.sampled?.(sample);
  observer.sampled?.(sample);
  observer.sampled?.({ ...sample, target: 'pay' });
  observer.sampled?.({ ...sample, atMs: noonMs + 10_000 });

  expect(printed.map((line) => line.split('  ')[0])).toEqual(['shop', 'pay', 'shop']);
});

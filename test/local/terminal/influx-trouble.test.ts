import { beforeEach, expect, test } from 'vitest';
import { createTerminalObserver } from '../../../infra/local/terminal/terminal-observer.ts';
import type { LocalObserver } from '../../../infra/local/terminal/terminal-observer.ts';
import { createTerminalView } from '../../../infra/local/terminal/terminal.ts';
import type { DeliveryProblem } from '../../../lambda/collector/window-figures/observer.ts';
import { createHandClock } from '../../support/time/hand-clock.ts';
import type { HandClock } from '../../support/time/hand-clock.ts';
import { answer, reportOf } from '../../support/locust/report-text.ts';

const noonAtMs = Date.UTC(2026, 10, 22, 12);
const waiting = (status: number | undefined, reason = 'no'): DeliveryProblem => ({
  outcome: 'retryable',
  lines: 8,
  status,
  reason,
});
const rejected: DeliveryProblem = { outcome: 'rejected', lines: 1, status: 400, reason: 'bad line' };

let clock: HandClock;
let observer: LocalObserver;
let printed: string[];
beforeEach(() => {
  clock = createHandClock(noonAtMs);
  printed = [];
  const view = createTerminalView({ env: {} });
  const print = (text: string): void => {
    printed.push(text.replace(/^[\d:]{8} {2}/, ''));
  };
  observer = createTerminalObserver({ view, clock, print });
});

test.each([
  [401, 'they wait; check INFLUX_TOKEN (status 401: no)'],
  [403, 'they wait; check INFLUX_TOKEN (status 403: no)'],
  [404, 'they wait; check INFLUX_BUCKET and INFLUX_ORG (status 404: no)'],
  [301, 'they wait; check INFLUX_URL (status 301: no)'],
  [429, 'they wait and are sent when InfluxDB is back (status 429: no)'],
  [503, 'they wait and are sent when InfluxDB is back (status 503: no)'],
  [undefined, 'they wait and are sent when InfluxDB is back (no answer: no)'],
])('points that wait after status %s: it says what happens to them and what to mend', (status, text) => {
  observer.notDelivered?.(waiting(status));

  expect(printed).toEqual([`InfluxDB cannot take 8 points: ${text}`]);
});

test('a certificate that is not trusted is told as that, and not as an InfluxDB that is down', () => {
  observer.notDelivered?.({ ...waiting(undefined, 'no TLS connection: self-signed certificate'), isTlsTrouble: true });

  expect(printed).toEqual([
    "InfluxDB cannot take 8 points: they wait; check the certificate of INFLUX_URL's server: NODE_EXTRA_CA_CERTS may name a file with its CA (no answer: no TLS connection: self-signed certificate)",
  ]);
});

test('a reason of any length leaves room for what to mend', () => {
  observer.notDelivered?.(waiting(401, 'x'.repeat(300)));

  expect(printed[0]).toContain('check INFLUX_TOKEN');
});

test('a trouble is shown once, however long it lasts, another one again, and its end once', () => {
  for (let sample = 0; sample < 5; sample += 1) observer.notDelivered?.(waiting(401));
  observer.notDelivered?.(waiting(undefined, 'connect ECONNREFUSED'));
  observer.notDelivered?.(waiting(503));
  for (let sample = 0; sample < 5; sample += 1) observer.delivered();
  observer.notDelivered?.(waiting(401));

  expect(printed.map((line) => line.replace(/.* they wait ?(.*) \(.*/, '$1'))).toEqual([
    '; check INFLUX_TOKEN',
    'and are sent when InfluxDB is back',
    'InfluxDB takes points again; those that wait follow',
    '; check INFLUX_TOKEN',
  ]);
});

test('rejected points are shown once, though others are taken meanwhile, and their number at the end', async () => {
  for (let second = 0; second <= 60; second += 10) {
    await clock.advanceTo(noonAtMs + second * 1000);
    observer.delivered();
    observer.notDelivered?.(rejected);
  }
  await clock.advanceTo(noonAtMs + 149_000);
  observer.delivered();
  expect(printed).toEqual(['InfluxDB rejects points, kept as dead letters: see the page (status 400: bad line)']);

  await clock.advanceTo(noonAtMs + 150_000);
  observer.delivered();
  observer.delivered();
  expect(printed.slice(1)).toEqual([
    'InfluxDB takes all points again; 7 points rejected before are dead letters: see the page',
  ]);
});

test('while points go on being rejected, their number is shown every ten minutes, whatever the reasons', async () => {
  const tooOld: DeliveryProblem = { outcome: 'rejected', lines: 3, status: 422, reason: 'beyond retention' };
  for (let second = 0; second <= 25 * 60; second += 10) {
    await clock.advanceTo(noonAtMs + second * 1000);
    observer.notDelivered?.(rejected);
    observer.notDelivered?.(tooOld);
    observer.delivered();
  }

  const since = new Date(noonAtMs).toTimeString().slice(0, 8);
  const kept = 'kept as dead letters: see the page (status 400: bad line)';
  expect(printed).toEqual([
    `InfluxDB rejects points, ${kept}`,
    'InfluxDB rejects points, kept as dead letters: see the page (status 422: beyond retention)',
    `InfluxDB still rejects points, 241 points since ${since}, ${kept}`,
    `InfluxDB still rejects points, 481 points since ${since}, ${kept}`,
  ]);
});

test('an InfluxDB that takes everything is not mentioned', () => {
  observer.delivered();

  expect(printed).toEqual([]);
});

test('what is wrong before there are points is shown as that, and again with the first points', () => {
  observer.notReady({ ...waiting(401), lines: 0 });
  observer.notDelivered?.(waiting(401));

  expect(printed).toEqual([
    'InfluxDB does not take points yet: they will wait; check INFLUX_TOKEN (status 401: no)',
    'InfluxDB cannot take 8 points: they wait; check INFLUX_TOKEN (status 401: no)',
  ]);
});

test('a sample that is both reported and fetched is shown once, those of others and of other instants too', () => {
  const sample = {
    target: 'shop',
    run: '20261122T120000Z',
    atMs: noonAtMs,
    report: reportOf(answer({})),
    failure: undefined,
    points: 2,
  };
  const failed = { ...sample, report: undefined, failure: { kind: 'timeout', message: 'late' } } as const;

  observer.sampled?.(failed);
  observer.sampled?.(sample);
  observer.sampled?.(sample);
  observer.sampled?.({ ...sample, target: 'pay' });
  observer.sampled?.({ ...sample, atMs: noonAtMs + 10_000 });

  expect(printed.map((line) => line.split('  ')[0])).toEqual(['shop', 'pay', 'shop']);
});

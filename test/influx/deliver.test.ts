import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createDeliverer, type Deliverer } from '../../lambda/influx/deliver.ts';
import type { Clock } from '../../lambda/runtime/clock.ts';
import { startInfluxServer, type InfluxServer } from '../support/influx-server.ts';
import { patientClock } from '../support/patient-clock.ts';

const token = 's3cr3t+/token==';
let server: InfluxServer;
let deliverer: Deliverer;

beforeEach(async () => {
  server = await startInfluxServer();
  deliverer = delivererTo(server.url);
});
afterEach(async () => {
  deliverer.close();
  await server.close();
});

function delivererTo(url: string, clock: Clock = patientClock): Deliverer {
  return createDeliverer({ url, org: 'acme & co', bucket: 'load tests', token, clock });
}

const untilAsked = (): Promise<unknown> => vi.waitUntil(() => server.requests.length === 1, 20_000);

const line = (index: number): string => `locust_total,target=shop num_requests=${index}i 1795348800000`;
const linesOf = (count: number): string[] => Array.from({ length: count }, (_, index) => line(index));

test('a small load is one request, in ms, to the bucket, with the token', async () => {
  const delivered = await deliverer.deliver([line(1), line(2)]);

  expect(delivered).toEqual([{ outcome: 'delivered', status: 204, lines: [line(1), line(2)] }]);
  expect(server.lines).toEqual([line(1), line(2)]);
  expect(server.requests).toMatchObject([
    {
      method: 'POST',
      path: '/api/v2/write',
      query: { org: 'acme & co', bucket: 'load tests', precision: 'ms' },
      headers: { authorization: `Token ${token}` },
    },
  ]);
});

test('nothing to deliver is no request', async () => {
  expect(await deliverer.deliver([])).toEqual([]);
  expect(server.requests).toEqual([]);
});

test('a large load goes in requests of at most 5,000 lines, and a refused one is told and stops no other', async () => {
  const lines = linesOf(12_000);
  server.take({ status: 500, body: 'engine: cache maximum memory size exceeded' });

  const delivered = await deliverer.deliver(lines);

  expect(delivered.map(({ outcome, status, lines: ofRequest }) => [outcome, status, ofRequest.length])).toEqual([
    ['retryable', 500, 5000],
    ['delivered', 204, 5000],
    ['delivered', 204, 2000],
  ]);
  expect(delivered[0]?.reason).toBe('engine: cache maximum memory size exceeded');
  expect(delivered.flatMap(({ lines: ofRequest }) => ofRequest)).toEqual(lines);
  expect(server.requests.map((request) => request.lines.length)).toEqual([5000, 5000, 2000]);
  expect(server.lines).toEqual(lines.slice(5000));
  expect(server.connections).toHaveLength(1);
});

test('bodies are gzipped from about 1 kB up', async () => {
  await deliverer.deliver(linesOf(2));
  await deliverer.deliver(linesOf(100));

  expect(server.requests.map(({ headers }) => headers['content-encoding'])).toEqual([undefined, 'gzip']);
  expect(server.lines).toHaveLength(102);
});

test.each([
  [200, 'delivered'],
  [201, 'delivered'],
  [204, 'delivered'],
  [400, 'rejected'],
  [422, 'rejected'],
  [413, 'too-large'],
  [301, 'retryable'],
  [401, 'retryable'],
  [403, 'retryable'],
  [404, 'retryable'],
  [405, 'retryable'],
  [408, 'retryable'],
  [429, 'retryable'],
  [500, 'retryable'],
  [503, 'retryable'],
])('an answer of %i means %s', async (status, outcome) => {
  server.take({ status });

  expect(await deliverer.deliver([line(1)])).toMatchObject([{ outcome, status }]);
});

test.each([
  ['message of its JSON', { 'content-type': 'application/json' }, '{"code":"invalid","message":"partial write: f"}'],
  ['error of its JSON', { 'content-type': 'application/json' }, '{"error":"partial write: f"}'],
  ['plain body', {}, 'partial write:\n\x1b f\u2028'],
  ['header', { 'x-influxdb-error': 'partial write: f' }, ''],
])("the reason is InfluxDB's own, from the %s", async (_, headers, body) => {
  server.take({ status: 400, headers, body });

  expect(await deliverer.deliver([line(1)])).toMatchObject([{ outcome: 'rejected', reason: 'partial write: f' }]);
});

test('a reason is short and never shows the token', async () => {
  server.take({ status: 401, body: `unknown Token ${token} ${'🦗'.repeat(400)}` });

  const [delivered] = await deliverer.deliver([line(1)]);

  expect(delivered?.reason).toMatch(/^unknown Token \[token\] (?:🦗)+$/u);
  expect(delivered?.reason?.length).toBeLessThanOrEqual(300);
});

test.each([
  ['3', 3000],
  ['0', 0],
  ['999999', 3_600_000],
  ['9'.repeat(400), 3_600_000],
  ['1.5', 1500],
  ['Thu, 01 Jan 2026 00:00:00 GMT', 0],
])('Retry-After: %s is %i ms', async (header, retryAfterMs) => {
  server.take({ status: 429, headers: { 'retry-after': header } });

  expect(await deliverer.deliver([line(1)])).toMatchObject([{ outcome: 'retryable', status: 429, retryAfterMs }]);
});

test('a date in Retry-After is the time left until then', async () => {
  const nowMs = Date.parse('2026-12-31T23:59:58.600Z');
  const newYear = delivererTo(server.url, { ...patientClock, now: () => nowMs });
  server.take({ status: 503, headers: { 'retry-after': 'Fri, 01 Jan 2027 00:00:57 GMT' } });

  expect(await newYear.deliver([line(1)])).toMatchObject([{ outcome: 'retryable', retryAfterMs: 58_400 }]);
  newYear.close();
});

test('a Retry-After that says nothing is none', async () => {
  server.take({ status: 503, headers: { 'retry-after': 'soon' } });

  expect((await deliverer.deliver([line(1)]))[0]).not.toHaveProperty('retryAfterMs');
});

test('once InfluxDB asks to be left alone the rest is kept without an attempt', async () => {
  server.take({ status: 429, headers: { 'retry-after': '3' } });

  const delivered = await deliverer.deliver(linesOf(7000));

  expect(server.requests).toHaveLength(1);
  expect(delivered.map(({ outcome, lines }) => [outcome, lines.length])).toEqual([
    ['retryable', 5000],
    ['retryable', 2000],
  ]);
});

test('a server that never answers is left at the deadline, its connection closed', async () => {
  server.take('hang');
  const [deadline, allowedMs]: [AbortController, number[]] = [new AbortController(), []];
  const timed: Clock = { ...patientClock, deadline: (afterMs) => (allowedMs.push(afterMs), deadline.signal) };
  const impatient = delivererTo(server.url, timed);
  const delivering = impatient.deliver(linesOf(7000), { deadlineMs: 200 });
  await untilAsked();
  deadline.abort();
  const delivered = await delivering;

  expect(allowedMs).toEqual([200]);
  expect(delivered.map(({ outcome, reason }) => [outcome, reason])).toEqual([
    ['retryable', 'InfluxDB did not answer before the deadline'],
    ['retryable', 'InfluxDB did not answer before the deadline'],
  ]);
  await server.abandoned;
  expect(server.requests).toHaveLength(1);
  expect(server.connections).toHaveLength(1);
  impatient.close();
});

test('closing aborts what is under way and what comes later', async () => {
  server.take('hang');
  const underWay = deliverer.deliver([line(1)]);
  await untilAsked();

  deliverer.close();

  const closed = [{ outcome: 'retryable', reason: 'closed before InfluxDB answered', lines: [line(1)] }];
  expect(await underWay).toEqual(closed);
  await server.abandoned;
  expect(await deliverer.deliver([line(1)])).toEqual(closed);
  expect(server.requests).toHaveLength(1);
});

test('a connection that died in a pause costs nothing: the lines go over a new one', async () => {
  await deliverer.deliver([line(1)]);
  server.take('reset');

  expect(await deliverer.deliver([line(2)])).toMatchObject([{ outcome: 'delivered' }]);
  expect(server.lines).toEqual([line(1), line(2)]);
});

test('a server that resets every connection is tried twice, then the lines are kept', async () => {
  server.take('reset', 'reset');

  expect(await deliverer.deliver([line(1)])).toMatchObject([{ outcome: 'retryable' }]);
  expect(server.requests).toHaveLength(2);
});

test('where nobody listens the lines are kept', async () => {
  // A port that was free a moment ago may be anybody's by now; this one is nobody's.
  const [delivered] = await delivererTo('http://127.0.0.1:1').deliver([line(1)]);

  expect(delivered).toMatchObject({ outcome: 'retryable', reason: expect.stringContaining('ECONNREFUSED') as unknown });
});

test('a refusal with a control byte in a header, as InfluxDB 1.x sends, is still a refusal', async () => {
  server.take({
    raw: 'HTTP/1.1 400 Bad Request\r\nX-Influxdb-Error: unable to parse \x01\r\nContent-Length: 0\r\n\r\n',
  });

  expect(await deliverer.deliver([line(1)])).toMatchObject([{ outcome: 'rejected', status: 400 }]);
});

test('what is no answer at all leaves the lines to be tried again', async () => {
  server.take({ raw: 'SSH-2.0-OpenSSH_9.2\r\n' });

  const [delivered] = await deliverer.deliver([line(1)]);

  expect(delivered).toMatchObject({ outcome: 'retryable' });
  expect(delivered).not.toHaveProperty('status');
});

test('the client prints nothing of a failure', async () => {
  const printed = [vi.spyOn(console, 'error'), vi.spyOn(console, 'warn')];
  server.take({ status: 500 }, { status: 400 }, 'reset', 'reset');
  for (let attempt = 0; attempt < 3; attempt += 1) await deliverer.deliver([line(1)]);

  expect(printed.flatMap(({ mock }) => mock.calls)).toEqual([]);
});

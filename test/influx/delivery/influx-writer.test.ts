import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createInfluxWriter, type InfluxWriter } from '../../../lambda/influx/delivery/influx-writer.ts';
import { toLines } from '../../../lambda/influx/lines.ts';
import type { Clock } from '../../../lambda/runtime/clock.ts';
import { startInfluxServer, type InfluxServer } from '../../support/influx/influx-server.ts';
import { patientClock } from '../../support/time/patient-clock.ts';

const token = 's3cr3t+/token==';
let server: InfluxServer;
let writer: InfluxWriter;

beforeEach(async () => {
  server = await startInfluxServer();
  writer = writerTo(server.url);
});
afterEach(async () => {
  writer.close();
  await server.close();
});

function writerTo(url: string, clock: Clock = patientClock): InfluxWriter {
  return createInfluxWriter({ url, org: 'acme & co', bucket: 'load tests', token, clock });
}

const untilAsked = (): Promise<unknown> => vi.waitUntil(() => server.requests.length === 1, 20_000);

const line = (index: number): string => `locust_total,target=shop num_requests=${index}i 1795348800000`;
const write = (...lines: readonly string[]) => writer.write(toLines(lines), 5_000);
const linesOf = (count: number): string[] => Array.from({ length: count }, (_, index) => line(index));

test('a small load is one request, in ms, to the bucket, with the token', async () => {
  expect(await write(line(1), line(2))).toEqual({ outcome: 'delivered', status: 204 });

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
  expect(await write()).toEqual({ outcome: 'delivered' });
  expect(server.requests).toEqual([]);
});

test('bodies are gzipped from about 1 kB up', async () => {
  await write(...linesOf(2));
  await write(...linesOf(100));

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

  expect(await write(line(1))).toMatchObject({ outcome, status });
});

test.each([
  ['message of its JSON', { 'content-type': 'application/json' }, '{"code":"invalid","message":"partial write: f"}'],
  ['error of its JSON', { 'content-type': 'application/json' }, '{"error":"partial write: f"}'],
  ['plain body', {}, 'partial write:\n\x1b f\u2028'],
  ['header', { 'x-influxdb-error': 'partial write: f' }, ''],
])("the reason is InfluxDB's own, from the %s", async (_, headers, body) => {
  server.take({ status: 400, headers, body });

  expect(await write(line(1))).toMatchObject({ outcome: 'rejected', reason: 'partial write: f' });
});

test('a reason is short and never shows the token', async () => {
  server.take({ status: 401, body: `unknown Token ${token} ${'🦗'.repeat(400)}` });

  const answer = await write(line(1));

  const reason = answer.outcome === 'delivered' ? '' : answer.reason;
  expect(reason).toMatch(/^unknown Token \[token\] (?:🦗)+$/u);
  expect(reason.length).toBeLessThanOrEqual(300);
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

  expect(await write(line(1))).toMatchObject({ outcome: 'retryable', status: 429, retryAfterMs });
});

test('a date in Retry-After is the time left until then', async () => {
  const nowMs = Date.parse('2026-12-31T23:59:58.600Z');
  const newYear = writerTo(server.url, { ...patientClock, now: () => nowMs });
  server.take({ status: 503, headers: { 'retry-after': 'Fri, 01 Jan 2027 00:00:57 GMT' } });

  expect(await newYear.write(toLines([line(1)]), 5_000)).toMatchObject({ outcome: 'retryable', retryAfterMs: 58_400 });
  newYear.close();
});

test('a Retry-After that says nothing is none', async () => {
  server.take({ status: 503, headers: { 'retry-after': 'soon' } });

  expect(await write(line(1))).not.toHaveProperty('retryAfterMs');
});

test('a server that never answers is left at the deadline, its connection closed', async () => {
  server.take('hang');
  const [deadline, allowedMs]: [AbortController, number[]] = [new AbortController(), []];
  const timed: Clock = { ...patientClock, deadline: (afterMs) => (allowedMs.push(afterMs), deadline.signal) };
  const impatient = writerTo(server.url, timed);
  const writing = impatient.write(toLines([line(1)]), 200);
  await untilAsked();
  deadline.abort();

  expect(await writing).toEqual({ outcome: 'retryable', reason: 'InfluxDB did not answer before the deadline' });
  expect(allowedMs).toEqual([200]);
  await server.abandoned;
  expect(server.requests).toHaveLength(1);
  expect(server.connections).toHaveLength(1);
  impatient.close();
});

test('closing aborts what is under way and what comes later', async () => {
  server.take('hang');
  const underWay = write(line(1));
  await untilAsked();

  writer.close();

  const closed = { outcome: 'retryable', reason: 'closed before InfluxDB answered' };
  expect(await underWay).toEqual(closed);
  await server.abandoned;
  expect(await write(line(1))).toEqual(closed);
  expect(server.requests).toHaveLength(1);
});

test('a connection that died in a pause costs nothing: the lines go over a new one', async () => {
  await write(line(1));
  server.take('reset');

  expect(await write(line(2))).toMatchObject({ outcome: 'delivered' });
  expect(server.lines).toEqual([line(1), line(2)]);
});

test('a server that resets every connection is tried twice, then the lines are kept', async () => {
  server.take('reset', 'reset');

  expect(await write(line(1))).toMatchObject({ outcome: 'retryable' });
  expect(server.requests).toHaveLength(2);
});

test('where nobody listens the lines are kept', async () => {
  // A port that was free a moment ago may be anybody's by now; this one is nobody's.
  const answer = await writerTo('http://127.0.0.1:1').write(toLines([line(1)]), 5_000);

  expect(answer).toMatchObject({ outcome: 'retryable', reason: expect.stringContaining('ECONNREFUSED') as unknown });
});

test('a refusal with a control byte in a header, as InfluxDB 1.x sends, is still a refusal', async () => {
  server.take({
    raw: 'HTTP/1.1 400 Bad Request\r\nX-Influxdb-Error: unable to parse \x01\r\nContent-Length: 0\r\n\r\n',
  });

  expect(await write(line(1))).toMatchObject({ outcome: 'rejected', status: 400 });
});

test('what is no answer at all leaves the lines to be tried again', async () => {
  server.take({ raw: 'SSH-2.0-OpenSSH_9.2\r\n' });

  const answer = await write(line(1));

  expect(answer).toMatchObject({ outcome: 'retryable' });
  expect(answer).not.toHaveProperty('status');
});

test('the client prints nothing of a failure', async () => {
  const printed = [vi.spyOn(console, 'error'), vi.spyOn(console, 'warn')];
  server.take({ status: 500 }, { status: 400 }, 'reset', 'reset');
  for (let attempt = 0; attempt < 3; attempt += 1) await write(line(1));

  expect(printed.flatMap(({ mock }) => mock.calls)).toEqual([]);
});

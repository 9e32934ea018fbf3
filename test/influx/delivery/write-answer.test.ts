import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createInfluxWriter } from '../../../lambda/influx/delivery/influx-writer.ts';
import type { InfluxWriter } from '../../../lambda/influx/delivery/influx-writer.ts';
import { toLines } from '../../../lambda/influx/lines.ts';
import { startInfluxServer } from '../../support/influx/influx-server.ts';
import type { InfluxServer } from '../../support/influx/influx-server.ts';
import { patientClock } from '../../support/time/patient-clock.ts';

let server: InfluxServer;
let writer: InfluxWriter;
beforeEach(async () => {
  server = await startInfluxServer();
  writer = createInfluxWriter({ url: server.url, org: '', bucket: 'b', token: 'influx-token', clock: patientClock });
});
afterEach(async () => {
  writer.close();
  await server.close();
});

const write = () => writer.write(toLines(['m f=1 1']), 5_000);
const json = { 'content-type': 'application/json; charset=utf-8' };

describe('a web page in the place of InfluxDB', () => {
  const pages = ['text/html; charset=utf-8', 'Text/HTML', 'application/xhtml+xml'];

  it.each(pages)('has stored nothing with its 200 (%s)', async (type) => {
    server.take({ status: 200, headers: { 'content-type': type }, body: '<html>' });
    const reason = 'a web page answers at this address (status 200)';
    expect(await write()).toMatchObject({ outcome: 'retryable', reason });
  });

  it.each([400, 422, 302, 401, 502])('has refused no line with its %i', async (status) => {
    server.take({ status, headers: { 'content-type': 'text/html' }, body: '<html>' });
    const reason = `a web page answers at this address (status ${status})`;
    expect(await write()).toMatchObject({ outcome: 'retryable', status, reason });
  });

  it('may say that a request is too large, as proxies do', async () => {
    server.take({ status: 413, headers: { 'content-type': 'text/html' }, body: '<html>' });
    expect(await write()).toMatchObject({ outcome: 'too-large', status: 413 });
  });
});

describe('a partial write, in the words of', () => {
  const conflict = 'field type conflict: input field "f" is type float, already exists as type integer dropped=1';

  it.each([
    ['InfluxDB 1', 400, `{"error":"partial write: ${conflict.replaceAll('"', '\\"')}"}`],
    [
      'InfluxDB 2',
      422,
      `{"code":"unprocessable entity","message":"partial write: ${conflict.replaceAll('"', '\\"')}"}`,
    ],
    [
      'InfluxDB 3, a list',
      400,
      JSON.stringify({
        error: 'partial write',
        data: [{ original_line: 'm', line_number: 1, error_message: conflict }],
      }),
    ],
    [
      'InfluxDB 3, one line',
      400,
      JSON.stringify({ error: 'partial write', data: { original_line: 'm', line_number: 1, error_message: conflict } }),
    ],
  ])('%s, the reason is what is wrong with the line', async (_version, status, body) => {
    server.take({ status, headers: json, body });
    expect(await write()).toMatchObject({ outcome: 'rejected', status, reason: `partial write: ${conflict}` });
  });

  it.each([
    '{"error":"e","data":[]}',
    '{"error":"e","data":[7]}',
    '{"error":"e","data":null}',
    '{"error":"e","data":[{}]}',
  ])('nobody, details like %s are none', async (body) => {
    server.take({ status: 400, headers: json, body });
    expect(await write()).toMatchObject({ outcome: 'rejected', reason: 'e' });
  });
});

it('a 400 that asks for an organisation says nothing of lines: they are tried again once it is named', async () => {
  server.take({
    status: 400,
    headers: json,
    body: '{"code":"invalid","message":"Please provide either orgID or org"}',
  });
  expect(await write()).toMatchObject({ outcome: 'retryable', status: 400 });
});

describe('a 5xx', () => {
  const conflict = 'partial write: field type conflict: input field "timeout" is type float dropped=2';

  it.each([
    [500, `unexpected error writing points to database: ${conflict}`],
    [500, 'partial write: points beyond retention policy dropped=2'],
    [503, 'partial write: dropped 2 points outside retention policy of duration 1h0m0s'],
    [500, 'partial write'],
    [500, 'Field Type Conflict on measurement "m"'],
  ])('(%i, %j) that says that lines were dropped rejects them', async (status, message) => {
    server.take({ status, headers: json, body: JSON.stringify({ code: 'internal error', message }) });
    expect(await write()).toMatchObject({ outcome: 'rejected', status, reason: message });
  });

  it.each([
    [500, 'engine: cache-max-memory-size exceeded'],
    [503, 'timeout'],
    [500, 'partial write: timeout'],
    [500, 'partial write: hinted handoff queue not empty'],
    [502, ''],
  ])('(%i, %j) that says nothing of lines leaves them to be tried again', async (status, message) => {
    server.take({ status, headers: json, body: JSON.stringify({ code: 'internal error', message }) });
    expect(await write()).toMatchObject({ outcome: 'retryable', status });
  });

  it('of a web page that talks of partial writes is none of InfluxDB', async () => {
    server.take({ status: 500, headers: { 'content-type': 'text/html' }, body: 'partial write dropped=1' });
    expect(await write()).toMatchObject({ outcome: 'retryable' });
  });
});

describe('an answer that breaks the rules', () => {
  it('204 with a body is a 204', async () => {
    server.take({ raw: 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello' });
    expect(await write()).toMatchObject({ outcome: 'delivered', status: 204 });
    expect(await write()).toMatchObject({ outcome: 'delivered', status: 204 });
  });

  it('an error whose text is cut off leaves the lines to be tried again', async () => {
    server.take({ raw: 'HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\nhello' });
    expect(await write()).toMatchObject({ outcome: 'retryable' });
  });

  it('an error text of megabytes is cut', async () => {
    server.take({ status: 400, body: 'x'.repeat(5_000_000) });
    expect(await write()).toMatchObject({ reason: 'x'.repeat(300) });
  });
});

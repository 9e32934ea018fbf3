import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDeliverer } from '../../lambda/influx/deliver.ts';
import type { Deliverer } from '../../lambda/influx/deliver.ts';
import { startInfluxServer } from '../support/influx-server.ts';
import type { InfluxServer } from '../support/influx-server.ts';
import { patientClock } from '../support/patient-clock.ts';

let server: InfluxServer;
let deliverer: Deliverer;
beforeEach(async () => {
  server = await startInfluxServer();
  deliverer = createDeliverer({ url: server.url, org: '', bucket: 'b', token: 'influx-token', clock: patientClock });
});
afterEach(async () => {
  deliverer.close();
  await server.close();
});

const deliver = () => deliverer.deliver(['m f=1 1']);
const json = { 'content-type': 'application/json; charset=utf-8' };

describe('a web page in the place of InfluxDB', () => {
  const pages = ['text/html; charset=utf-8', 'Text/HTML', 'application/xhtml+xml'];

  it.each(pages)('has stored nothing with its 200 (%s)', async (type) => {
    server.take({ status: 200, headers: { 'content-type': type }, body: '<html>' });
    const reason = 'a web page answers at this address (status 200)';
    expect(await deliver()).toMatchObject([{ outcome: 'retryable', reason }]);
  });

  it.each([400, 422, 302, 401, 502])('has refused no line with its %i', async (status) => {
    server.take({ status, headers: { 'content-type': 'text/html' }, body: '<html>' });
    const reason = `a web page answers at this address (status ${status})`;
    expect(await deliver()).toMatchObject([{ outcome: 'retryable', status, reason }]);
  });

  it('may say that a request is too large, as proxies do', async () => {
    server.take({ status: 413, headers: { 'content-type': 'text/html' }, body: '<html>' });
    expect(await deliver()).toMatchObject([{ outcome: 'too-large', status: 413 }]);
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
    expect(await deliver()).toMatchObject([{ outcome: 'rejected', status, reason: `partial write: ${conflict}` }]);
  });

  it.each([
    '{"error":"e","data":[]}',
    '{"error":"e","data":[7]}',
    '{"error":"e","data":null}',
    '{"error":"e","data":[{}]}',
  ])('nobody, details like %s are none', async (body) => {
    server.take({ status: 400, headers: json, body });
    expect(await deliver()).toMatchObject([{ outcome: 'rejected', reason: 'e' }]);
  });
});

describe('an answer that breaks the rules', () => {
  it('204 with a body is a 204', async () => {
    server.take({ raw: 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello' });
    expect(await deliver()).toMatchObject([{ outcome: 'delivered', status: 204 }]);
    expect(await deliver()).toMatchObject([{ outcome: 'delivered', status: 204 }]);
  });

  it('an error whose text is cut off leaves the lines to be tried again', async () => {
    server.take({ raw: 'HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\nhello' });
    expect(await deliver()).toMatchObject([{ outcome: 'retryable' }]);
  });

  it('an error text of megabytes is cut', async () => {
    server.take({ status: 400, body: 'x'.repeat(5_000_000) });
    const [answer] = await deliver();
    expect(answer?.reason).toHaveLength(300);
  });
});

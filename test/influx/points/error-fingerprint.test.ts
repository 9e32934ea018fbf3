import fc from 'fast-check';
import { expect, test } from 'vitest';
import { errorFingerprint } from '../../../lambda/influx/points/error-fingerprint.ts';
import { normalTag } from '../../../lambda/influx/points/normal-form.ts';
import { hardText } from '../../support/locust/arbitrary-report.ts';

test.each([
  ["HTTPError('500 Server Error: Internal Server Error for url: 下单 提交=1')"],
  ["HTTPError('404 Client Error: NOT FOUND for url: /cart')"],
  ["HTTPError('503')"],
  ['HTTPError(502)'],
  ['BadStatusCode(503)'],
  ['CatchResponseError("Wrong status code: 503")'],
  ['status=429'],
  ['status_code is 418'],
  ['{"status": 503}'],
  ['HTTP 404'],
  ['HTTP/1.1 502 Bad Gateway'],
  ['got 503 Service Unavailable'],
  ['500 Server Error: boom'],
  ['response code 504'],
])('the HTTP status in %s is kept', (text) => {
  expect(errorFingerprint(text)).toContain(/[1-5]\d\d(?!\d)/.exec(text)?.[0]);
});

test.each([
  ["ConnectionRefusedError(111, 'Connection refused')", "ConnectionRefusedError(*, 'Connection refused')"],
  ['order 500 failed after 30.5 ms', 'order * failed after * ms'],
  ['item 123e4567-e89b-12d3-a456-426614174000 is gone', 'item * is gone'],
  ['item 123e4567-beef-cafe-dead-426614174000 is gone', 'item * is gone'],
  ['<urllib3.Connection object at 0x7f3b2c>: failed', '<*.Connection object at *>: failed'],
  ['<Connection object at 0x....>: failed', '<Connection object at *>: failed'],
  ["host='127.0.0.1', port=9", "host='*', port=*"],
  ['cannot reach [fe80::abcd:1]:8080', 'cannot reach [*]:*'],
  ["KeyError: 'abc-12-x'", "KeyError: '*'"],
  ["KeyError: 'price'", "KeyError: 'price'"],
  ['no such user jane@example.com', 'no such user *'],
  ['GET /users/123/orders/9f8e?q=alice&page=two', 'GET /users/*/orders/*?q=*&page=*'],
  ['at 2026-11-22T14:05:00.123Z', 'at *'],
  ['token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0.c2lnMQ', 'token *'],
  ['/search/%E4%BD%A0%E5%A5%BD failed', '/search/* failed'],
  ['1 2 3 4', '*'],
  ['a\n  b\t\tc', 'a b c'],
  [String.raw`Error("Pool(host=\'a\')")`, `Error("Pool(host='a')")`],
  [`${'1'.repeat(4096)} beyond what is looked at`, '*'],
  [`123e4567-e89b-12d3-a456-426614174000/http:${'a'.repeat(34)}/500`, `*/http:${'a'.repeat(34)}/*`],
  ['', ''],
])('%j becomes %j', (text, fingerprint) => {
  expect(errorFingerprint(text)).toBe(fingerprint);
});

test('a text keeps its fingerprint however many others come in between', () => {
  const word = (index: number): string => index.toString(4).replaceAll(/\d/g, (digit) => 'abcd'.charAt(Number(digit)));
  const texts = Array.from({ length: 1200 }, (_, index) => `KeyError: '${word(index)}' of order ${index}`);
  const fingerprints = texts.map((_, index) => `KeyError: '${word(index)}' of order *`);
  expect(texts.map(errorFingerprint)).toEqual(fingerprints);
  expect(texts.map(errorFingerprint)).toEqual(fingerprints);
});

test('errors of one kind have one fingerprint, whatever ids they hold', () => {
  const order = (id: string, ms: number): string =>
    `Order ${id} (user '${id}') failed after ${ms} ms: 500 Server Error`;
  fc.assert(
    fc.property(fc.uuid(), fc.nat(), fc.uuid(), fc.nat(), (one, ms, other, otherMs) => {
      expect(errorFingerprint(order(one, ms))).toBe(errorFingerprint(order(other, otherMs)));
    }),
  );
});

test('a fingerprint is short, a tag in its normal form, and its own fingerprint where it has no status', () => {
  fc.assert(
    fc.property(fc.array(hardText, { maxLength: 5 }), (parts) => {
      const fingerprint = errorFingerprint(parts.join(' '));

      expect(fingerprint.length).toBeLessThanOrEqual(160);
      expect(normalTag(fingerprint)).toBe(fingerprint);
      expect(fingerprint).not.toContain('\n');
    }),
    { numRuns: 1000 },
  );
});

test('of megabytes of text only the beginning costs time', () => {
  const pieces = ['a', '1', "' ", '*', 'a:', '%', '=?', '0-', 'status ', '@', 'deadbeef-dead-', ' ', '503 ', '\\'];

  // Each takes a few ms; anything that is not linear takes longer than a test may.
  for (const piece of pieces) {
    expect(errorFingerprint(piece.repeat(5_000_000 / piece.length)).length).toBeLessThanOrEqual(160);
  }
});

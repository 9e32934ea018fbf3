import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { InfluxDB, Point } from '@influxdata/influxdb-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startStoreServer } from '../../support/influx/store-server.ts';
import {
  access,
  noon,
  noonClock,
  startStoreUnderTest,
  type StoreUnderTest,
} from '../../support/rigs/store-under-test.ts';

let under: StoreUnderTest;

beforeEach(async () => {
  under = await startStoreUnderTest();
});
afterEach(() => under.stop());

test('lines are kept in the file of their day with timestamps in ns, as influx write loads them', async () => {
  const lateMs = Date.UTC(2026, 10, 22, 23, 59, 59, 999);

  expect(await under.write(`m,t=a f=1i ${lateMs}\nm,t=b f=2i ${lateMs + 1}\nm,t=c f=3i ${lateMs}\n`)).toEqual({
    status: 204,
  });

  expect(under.store.path).toBe(join(under.folder, 'influx', 'load%20tests'));
  expect(await under.stored('2026-11-22')).toBe(`m,t=a f=1i ${lateMs}000000\nm,t=c f=3i ${lateMs}000000\n`);
  expect(await under.stored('2026-11-23')).toBe(`m,t=b f=2i ${lateMs + 1}000000\n`);
});

test.each([
  ['ns', '1795348800123456789', '1795348800123456789'],
  ['us', '1795348800123456', '1795348800123456000'],
  ['ms', '1795348800123', '1795348800123000000'],
  ['s', '1795348800', '1795348800000000000'],
])('precision %s is understood', async (precision, given, kept) => {
  expect((await under.write(`m f=1 ${given}`, { query: { precision } })).status).toBe(204);

  expect(await under.stored()).toBe(`m f=1 ${kept}\n`);
});

test('without a precision timestamps are ns', async () => {
  const url = `${under.store.url}/api/v2/write?org=acme&bucket=load%20tests`;

  await fetch(url, { method: 'POST', headers: { authorization: 'Token s3cret' }, body: 'm f=1 1795348800123456789' });

  expect(await under.stored()).toBe('m f=1 1795348800123456789\n');
});

test('a line without a timestamp gets the moment of its arrival', async () => {
  await under.write('m f=1\nm g="ends in 5"');

  expect(await under.stored()).toBe(`m f=1 ${noon}000000\nm g="ends in 5" ${noon}000000\n`);
});

test('an instant before 1970 goes to its own day', async () => {
  await under.write('m f=1 -1', { query: { precision: 'ns' } });

  expect(await under.stored('1969-12-31')).toBe('m f=1 -1\n');
});

test('comments, empty lines and Windows line breaks do no harm', async () => {
  expect((await under.write(`# a comment with f="a quote\n\nm f=1 ${noon}\r\n\n   \nm f=2 ${noon}`)).status).toBe(204);

  expect(await under.stored()).toBe(`m f=1 ${noon}000000\nm f=2 ${noon}000000\n`);
});

test('a line break inside a string belongs to the string', async () => {
  expect((await under.write(`m,t=" f="a\nb \\" c\n",g=1 ${noon}\nm,t=" f="d" ${noon}`)).status).toBe(204);

  expect(await under.stored()).toBe(`m,t=" f="a\nb \\" c\n",g=1 ${noon}000000\nm,t=" f="d" ${noon}000000\n`);
});

test('a quote in a key or a tag opens no string', async () => {
  expect((await under.write(`m,t"=" k"=1 ${noon}\nm f=1 ${noon}`)).status).toBe(204);

  expect(await under.stored()).toBe(`m,t"=" k"=1 ${noon}000000\nm f=1 ${noon}000000\n`);
});

test('gzip is unpacked', async () => {
  const body = gzipSync(`m f=1 ${noon}`);

  expect((await under.write(body, { headers: { 'content-encoding': 'gzip' } })).status).toBe(204);
  expect(await under.stored()).toBe(`m f=1 ${noon}000000\n`);
});

test('the token is taken as Bearer too', async () => {
  expect((await under.write(`m f=1 ${noon}`, { headers: { authorization: 'Bearer s3cret' } })).status).toBe(204);
});

test("InfluxDB's own client writes to it", async () => {
  const api = new InfluxDB({ url: under.store.url, token: access.token }).getWriteApi(access.org, access.bucket, 'ms', {
    maxRetries: 0,
    flushInterval: 0,
    gzipThreshold: 10,
  });

  api.writePoint(new Point('m').tag('na me', 'a,b=c d').intField('i', 5).stringField('s', 'q " \\').timestamp(noon));
  await api.flush();
  await api.close();

  expect(await under.stored()).toBe(`m,na\\ me=a\\,b\\=c\\ d i=5i,s="q \\" \\\\" ${noon}000000\n`);
});

test('many writes at once are all stored whole', async () => {
  const numbers = Array.from({ length: 300 }, (_, index) => index);
  const body = (sender: number): string =>
    [1, 2, 3].map((line) => `m,sender=${sender} line=${line}i ${noon}\n`).join('');

  const answers = await Promise.all(numbers.map((sender) => under.write(body(sender))));

  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]));
  const text = await under.stored();
  expect(text).toHaveLength(numbers.map(body).join('').length + 900 * '000000'.length);
  for (const sender of numbers) expect(text).toContain(body(sender).replaceAll(`${noon}`, `${noon}000000`));
});

test('a bucket named like a parent folder stays inside the data folder', async () => {
  const other = await mkdtemp(join(tmpdir(), 'influx-store-'));
  const dots = await startStoreServer({ ...access, bucket: '..', folder: other, port: 0, clock: noonClock });
  await dots.stop();

  expect(dots.path).toBe(join(other, 'influx', '%2E%2E'));
  await rm(other, { recursive: true });
});

import { mkdir, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { noon, startStoreUnderTest, type StoreUnderTest, type Write } from '../../support/rigs/store-under-test.ts';

let under: StoreUnderTest;

beforeEach(async () => {
  under = await startStoreUnderTest();
});
afterEach(() => under.stop());

test('a line cut off behind a backslash or in a name costs the lines behind it nothing', async () => {
  const answer = await under.write(`m,t=a\\\nm f=1 ${noon}\nm,t\nm f=2 ${noon}`);

  expect(answer).toMatchObject({ status: 400, body: { message: expect.stringContaining('stored=2') as unknown } });
  expect(await under.stored()).toBe(`m f=1 ${noon}000000\nm f=2 ${noon}000000\n`);
});

test('a malformed line is refused with its number, and the others are stored', async () => {
  const answer = await under.write(
    `m f=1 ${noon}\nm s="two\nrows" ${noon}\nm f= ${noon}\nm f=2 ${noon}\nnonsense\nm f=3 ${noon}`,
  );

  expect(answer.status).toBe(400);
  expect(answer.body).toEqual({
    code: 'invalid',
    message: expect.stringMatching(/^partial write: line 4: .+; line 6: .+ dropped=2 stored=4$/) as unknown,
  });
  expect((await under.stored()).match(/f=\d/g)).toEqual(['f=1', 'f=2', 'f=3']);
});

test('of many malformed lines the first five are named, and the rest counted', async () => {
  const { body } = await under.write('x\n'.repeat(1000));

  expect((body as { message: string }).message).toMatch(/line 5: .+; and 995 more dropped=1000 stored=0$/);
  expect((body as { message: string }).message).not.toContain('line 6');
});

test('bytes that are not UTF-8 cost their own line only', async () => {
  const bad = Buffer.concat([
    Buffer.from(`m f=1 ${noon}\nm f="`),
    Buffer.from([0xff]),
    Buffer.from(`" ${noon}\nm f=2 ${noon}`),
  ]);

  const answer = await under.write(bad);

  expect(answer).toMatchObject({ status: 400, body: { message: expect.stringContaining('line 2: ') as unknown } });
  expect(await under.stored()).toBe(`m f=1 ${noon}000000\nm f=2 ${noon}000000\n`);
});

test('a timestamp that no 64 bits hold is refused', async () => {
  expect((await under.write('m f=1 9223372036854775', { query: { precision: 's' } })).status).toBe(400);
  expect(await readdir(under.store.path)).toEqual([]);
});

test('a field that changes its type is refused in the words of InfluxDB, line by line', async () => {
  await under.write(`m f=1i ${noon}\nother f=1.5 ${noon}`);

  const answer = await under.write(`m f=1.5,g=1i ${noon + 1}\nm g=2.5 ${noon + 2}`);

  expect(answer).toEqual({
    status: 422,
    body: {
      code: 'unprocessable entity',
      message:
        'failure writing points to database: partial write: field type conflict: ' +
        'line 1: input field "f" on measurement "m" is type float, already exists as type integer dropped=1 stored=1',
    },
  });
  expect(await under.stored()).toBe(`m f=1i ${noon}000000\nother f=1.5 ${noon}000000\nm g=2.5 ${noon + 2}000000\n`);
});

test('broken gzip and other encodings are refused', async () => {
  const whole = gzipSync(`m f=1 ${noon}`);

  const cutOff = await under.write(whole.subarray(0, -4), { headers: { 'content-encoding': 'gzip' } });
  const other = await under.write('x', { headers: { 'content-encoding': 'br' } });

  expect([cutOff.status, other.status]).toEqual([400, 400]);
});

test('a body beyond 50 MiB is refused, also when only the unpacked one is that long', async () => {
  const long = Buffer.alloc(50 * 1024 * 1024 + 1, '#');

  expect((await under.write(long)).status).toBe(413);
  expect((await under.write(gzipSync(long), { headers: { 'content-encoding': 'gzip' } })).status).toBe(413);
  expect((await under.write(long.subarray(1))).status).toBe(204);
});

test.each([
  ['no token', { headers: { authorization: '' } }, 401, 'unauthorized'],
  ['another token', { headers: { authorization: 'Token s3cre' } }, 401, 'unauthorized'],
  ['another kind of authorization', { headers: { authorization: 'Basic s3cret' } }, 401, 'unauthorized'],
  ['another bucket', { query: { bucket: 'x' } }, 404, 'not found'],
  ['another organization', { query: { org: 'x' } }, 404, 'not found'],
  ['an unknown precision', { query: { precision: 'h' } }, 400, 'invalid'],
  ['a precision from the prototype', { query: { precision: 'toString' } }, 400, 'invalid'],
])('%s is refused and nothing is stored', async (_what, how: Write, status, code) => {
  const answer = await under.write(`m f=1 ${noon}`, how);

  expect(answer).toMatchObject({ status, body: { code } });
  expect(await readdir(under.store.path)).toEqual([]);
});

test('an empty body is refused as InfluxDB does', async () => {
  expect(await under.write('')).toEqual({ status: 400, body: { code: 'invalid', message: 'writing requires points' } });
});

test('health and ping answer, other paths and methods do not', async () => {
  const status = async (path: string, method = 'GET'): Promise<number> =>
    (await fetch(`${under.store.url}${path}`, { method })).status;

  expect(await (await fetch(`${under.store.url}/health`)).json()).toMatchObject({ status: 'pass' });
  expect(await status('/ping')).toBe(204);
  expect(await status('/ping', 'HEAD')).toBe(204);
  expect(await status('/api/v2/query', 'POST')).toBe(404);
  expect(await status('/api/v2/write?org=acme')).toBe(405);
});

test('a file that cannot be written to is an error that may be retried, and ends nothing', async () => {
  await mkdir(join(under.store.path, '2026-11-22.lp'));

  expect(await under.write(`m f=1 ${noon}`)).toMatchObject({ status: 500, body: { code: 'internal error' } });

  await rmdir(join(under.store.path, '2026-11-22.lp'));
  expect((await under.write(`m f=1 ${noon}`)).status).toBe(204);
  expect(await under.stored()).toBe(`m f=1 ${noon}000000\n`);
});

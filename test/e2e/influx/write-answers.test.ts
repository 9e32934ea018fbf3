import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFolderSpool } from '../../../infra/local/store/folder-spool.ts';
import { createBreaker } from '../../../lambda/influx/delivery/breaker.ts';
import { createDelivery } from '../../../lambda/influx/delivery/delivery.ts';
import type { DeliveryResult } from '../../../lambda/influx/delivery/delivery.ts';
import { createInfluxWriter } from '../../../lambda/influx/delivery/influx-writer.ts';
import type { WriteAnswer } from '../../../lambda/influx/delivery/write-answer.ts';
import { toLines } from '../../../lambda/influx/lines.ts';
import { createDeadLetters } from '../../../lambda/influx/spool/dead-letters.ts';
import type { DeadLetter } from '../../../lambda/influx/spool/dead-letters.ts';
import { createSpool } from '../../../lambda/influx/spool/spool.ts';
import { systemClock as clock } from '../../../lambda/runtime/clock.ts';
import { startInfluxd2 } from '../support/influx/influxd-2.ts';
import type { BucketOf2, Influxd2 } from '../support/influx/influxd-2.ts';
import { describeWithInfluxd2 } from '../support/parts.ts';

/** How long a request may take: nothing here waits for it. */
const timeoutMs = 60_000;
const minuteMs = 60_000;

describeWithInfluxd2('InfluxDB 2 answers the collector', () => {
  let influxd: Influxd2;
  let other: BucketOf2;
  let shortLived: BucketOf2;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'locust2influx-e2e-answers-'));
    influxd = await startInfluxd2();
    [other, shortLived] = await Promise.all([
      influxd.createBucket('b'),
      influxd.createBucket('db/rp of an “Übertest”', 3_600),
    ]);
  });
  afterAll(async () => {
    await influxd.stop();
    await rm(folder, { recursive: true, force: true });
  });

  type Where = Partial<Influxd2['settings']>;
  const writing = <Result>(
    where: Where,
    use: (writer: ReturnType<typeof createInfluxWriter>) => Promise<Result>,
  ): Promise<Result> => {
    const writer = createInfluxWriter({ ...influxd.settings, ...where, clock });
    return use(writer).finally(() => {
      writer.close();
    });
  };
  const write = (lines: readonly string[], where: Where = {}): Promise<WriteAnswer> =>
    writing(where, (writer) => writer.write(toLines(lines), timeoutMs));
  /** Delivers as a window does, with a spool of its own. */
  const deliver = async (
    lines: readonly string[],
    where: Where = {},
  ): Promise<DeliveryResult & { readonly letters: readonly DeadLetter[]; readonly waiting: number }> => {
    const store = await createFolderSpool(await mkdtemp(join(folder, 'spool-')), clock);
    const keeping = { spool: createSpool(store), deadLetters: createDeadLetters(store) };
    const result = await writing(where, (writer) =>
      createDelivery({ writer, breaker: createBreaker(), keeping, clock, onTrouble: () => undefined }).deliver(
        toLines(lines),
        clock.now() + timeoutMs,
      ),
    );
    const { letters } = await keeping.deadLetters.list({ limit: 100 });
    return { ...result, letters, waiting: (await keeping.spool.list()).length };
  };
  /** Values of the field `v`, in order of time. */
  const stored = async (measurement: string): Promise<readonly unknown[]> =>
    (await influxd.rows(measurement)).map(({ fields }) => fields['v']);
  const nowMs = Date.now();

  describe('who may write', () => {
    test('a token for the bucket, whether the organisation is named or numbered', async () => {
      const token = await influxd.createToken(influxd.bucket(), 'write');
      expect(await write([`by_name v=1i ${nowMs}`], { token })).toEqual({ outcome: 'delivered', status: 204 });
      const byId = { token, org: influxd.bucket().orgID };
      expect(await write([`by_id v=2i ${nowMs}`], byId)).toEqual({ outcome: 'delivered', status: 204 });
      expect([await stored('by_name'), await stored('by_id')]).toEqual([[1], [2]]);
    });

    test.each<[string, () => Promise<Where>, object]>([
      ['a token that InfluxDB does not know', () => Promise.resolve({ token: 'guess' }), { status: 401 }],
      [
        'a token that only reads',
        async () => ({ token: await influxd.createToken(influxd.bucket(), 'read') }),
        { status: 403 },
      ],
      [
        'a token for another bucket',
        async () => ({ token: await influxd.createToken(other, 'read', 'write') }),
        { status: 403 },
      ],
      [
        'a bucket that is not there',
        () => Promise.resolve({ bucket: 'gone' }),
        { status: 404, reason: expect.stringContaining('gone') as string },
      ],
      ['no organisation', () => Promise.resolve({ org: '' }), { status: 400 }],
      [
        'an organisation that is not there',
        () => Promise.resolve({ org: 'nobody' }),
        { status: 404, reason: expect.stringContaining('nobody') as string },
      ],
    ])('not with %s: the lines wait', async (_, where, answer) => {
      const lines = [`denied v=1i ${nowMs}`];
      const wrong = await where();
      expect(await write(lines, wrong)).toMatchObject({ outcome: 'retryable', ...answer });
      expect(await deliver(lines, wrong)).toMatchObject({ delivered: 0, spooled: 1, rejected: 0, waiting: 1 });
      expect(await stored('denied')).toEqual([]);
    });
  });

  test('a bucket may have a short name, or one with a slash, spaces and letters beyond ASCII', async () => {
    for (const { name } of [other, shortLived]) {
      expect(await write([`named v=1i ${nowMs}`], { bucket: name })).toEqual({ outcome: 'delivered', status: 204 });
    }
  });

  describe('what it will never take', () => {
    test('another type than a field has: the good lines are stored, the others are one dead letter', async () => {
      await write([`typed v=1i ${nowMs}`]);
      const lines = Array.from({ length: 100 }, (_, at) => `typed v=${at % 50 === 7 ? '"x"' : `${at}i`} ${nowMs + at}`);
      expect(await write(lines)).toMatchObject({ outcome: 'rejected', status: 422, droppedLines: 2 });
      const { letters, ...result } = await deliver(lines);
      expect(result).toMatchObject({ delivered: 98, rejected: 2, spooled: 0, waiting: 0 });
      expect(letters).toMatchObject([
        {
          status: 422,
          lines: [lines[7], lines[57]],
          reason: expect.stringContaining('field type conflict') as string,
        },
      ]);
      expect(await stored('typed')).toHaveLength(98);
    });

    test('what is older than the bucket keeps: whatever the times, it is one dead letter', async () => {
      const lines = [1, 90, 100, 110].map((minutes) => `old v=${minutes}i ${nowMs - minutes * minuteMs}`);
      const { letters, ...result } = await deliver(lines, { bucket: shortLived.name });
      expect(result).toMatchObject({ delivered: 1, rejected: 3, spooled: 0 });
      expect(letters).toMatchObject([{ status: 422, lines: lines.slice(1) }]);
    });

    test('a line that is none: it alone is a dead letter', async () => {
      const lines = Array.from({ length: 100 }, (_, at) => (at === 42 ? 'no line' : `bad v=${at}i ${nowMs + at}`));
      const { letters, ...result } = await deliver(lines);
      expect(result).toMatchObject({ delivered: 99, rejected: 1, spooled: 0 });
      expect(letters).toMatchObject([{ status: 400, lines: ['no line'] }]);
      expect(await stored('bad')).toHaveLength(99);
    });
  });

  test('20,000 lines are stored, each number as it was, and are read alike in InfluxQL and Flux', async () => {
    const figures = Array.from({ length: 20_000 }, (_, at) => Math.fround(Math.sin(at) * 10 ** ((at % 40) - 20)));
    const lines = figures.map((figure, at) => `many,s=${at % 20} v=${figure},n=${at}i ${nowMs - at * 1_000}`);
    expect(await deliver(lines)).toMatchObject({ delivered: 20_000, rejected: 0, spooled: 0 });
    const rows = await influxd.rows('many');
    expect(rows).toHaveLength(20_000);
    expect(
      rows.every(
        ({ fields, atMs }) =>
          fields['v'] === figures[Number(fields['n'])] && atMs === nowMs - Number(fields['n']) * 1_000,
      ),
    ).toBe(true);
    const [sums] = await influxd.flux(
      `from(bucket: "locust") |> range(start: ${Math.floor(nowMs / 1000) - 30_000}) |> filter(fn: (r) => r._measurement == "many" and r._field == "n") |> group() |> sum()`,
    );
    expect(sums?.['_value']).toBe((19_999 * 20_000) / 2);
  });

  test.each(['stop', 'kill'] as const)(
    'what it took is there after a %s, and what it was away for waits',
    async (how) => {
      const measurement = `before_${how}`;
      const lines = (from: number): readonly string[] =>
        Array.from({ length: 1_000 }, (_, at) => `${measurement} v=${from + at}i ${nowMs + from + at}`);
      expect(await deliver(lines(0))).toMatchObject({ delivered: 1_000 });
      await influxd.halt(how);
      expect(await deliver(lines(1_000))).toMatchObject({ delivered: 0, spooled: 1_000, rejected: 0, waiting: 1 });
      await influxd.resume();
      expect(await deliver(lines(1_000))).toMatchObject({ delivered: 1_000 });
      expect(await stored(measurement)).toEqual(Array.from({ length: 2_000 }, (_, at) => at));
    },
  );
});

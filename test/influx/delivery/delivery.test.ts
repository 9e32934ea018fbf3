import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBreaker } from '../../../lambda/influx/delivery/breaker.ts';
import { createDeadLetters } from '../../../lambda/influx/spool/dead-letters.ts';
import { createInfluxWriter } from '../../../lambda/influx/delivery/influx-writer.ts';
import type { InfluxWriter } from '../../../lambda/influx/delivery/influx-writer.ts';
import { createDelivery } from '../../../lambda/influx/delivery/delivery.ts';
import type { Delivery, DeliveryResult, DeliveryTrouble } from '../../../lambda/influx/delivery/delivery.ts';
import { separateLines, toLines } from '../../../lambda/influx/lines.ts';
import { createSpool } from '../../../lambda/influx/spool/spool.ts';
import { rejectedLines, waitingEntries } from '../../support/influx/kept-lines.ts';
import { impatient } from '../../support/rigs/fault-rig.ts';
import { startFaultyInflux } from '../../support/influx/faulty-influx.ts';
import type { FaultyInflux } from '../../support/influx/faulty-influx.ts';
import { createHandClock } from '../../support/time/hand-clock.ts';
import type { HandClock } from '../../support/time/hand-clock.ts';
import { startS3Server } from '../../support/aws/s3-server.ts';
import type { S3Server } from '../../support/aws/s3-server.ts';

const noon = Date.parse('2026-11-22T12:00:00Z');
const line = (index: number): string => `m,i=${index} f=1i ${noon}`;
const linesOf = (count: number): string[] => Array.from({ length: count }, (_, index) => line(index));

let influx: FaultyInflux;
let s3: S3Server;
let clock: HandClock;
let writer: InfluxWriter;
let delivery: Delivery;
let troubles: string[];
const breaker = { current: createBreaker() };
beforeEach(async () => {
  [influx, s3, clock] = [await startFaultyInflux(), await startS3Server(), createHandClock(noon)];
  breaker.current = createBreaker();
  troubles = [];
  const hanging = impatient(clock, () => influx.behaviour === 'hangs');
  writer = clock.busy(createInfluxWriter({ ...influx.settings, clock: hanging }));
  const store = clock.busy(s3.store());
  delivery = createDelivery({
    writer,
    keeping: { spool: createSpool(store), deadLetters: createDeadLetters(store) },
    breaker: breaker.current,
    clock,
    jitter: () => 0.5,
    onTrouble: (trouble) => troubles.push(describeTrouble(trouble)),
  });
});
afterEach(async () => {
  writer.close();
  await Promise.all([influx.close(), s3.close()]);
});

const describeTrouble = (trouble: DeliveryTrouble): string =>
  `${trouble.kind === 'not-kept' ? String(trouble.error) : trouble.answer.status} ${trouble.lines}`;
const deliver = async (lines: readonly string[], seconds = 5) => {
  const delivering = delivery.deliver(toLines(lines), clock.now() + seconds * 1000);
  const { unkept, totals, ...counts } = await clock.runUntilDone(delivering);
  totalsOfLast = totals;
  return { ...counts, unkept: separateLines(unkept) };
};
let totalsOfLast: DeliveryResult['totals'];
const letters = async () => (await createDeadLetters(s3.store()).list({ limit: 100 })).letters;
const waiting = async (): Promise<readonly string[]> => (await waitingEntries(s3.store())).flat();

describe('what InfluxDB answers decides', () => {
  it.each([500, 503, 429, 408, 301])('%i: three tries with pauses, then the spool', async (status) => {
    await influx.behave({ status });

    expect(await deliver([line(1)])).toEqual({ delivered: 0, spooled: 1, rejected: 0, unkept: [] });

    expect(influx.counts.requests).toBe(3);
    expect(clock.now() - noon).toBe(200 + 400);
    expect(await waiting()).toEqual([line(1)]);
  });

  it.each([401, 403, 404])('%i: one try, then the spool', async (status) => {
    await influx.behave({ status });

    expect(await deliver([line(1)])).toMatchObject({ spooled: 1 });

    expect([influx.counts.requests, clock.now(), troubles]).toEqual([1, noon, [`${status} 1`]]);
  });

  it('no answer at all: a second try within the time, then the spool', async () => {
    await influx.behave('hangs');

    expect(await deliver([line(1)], 4)).toMatchObject({ spooled: 1 });

    expect(await waiting()).toEqual([line(1)]);
  });

  it('back before the third try: nothing waits', async () => {
    await influx.behave({ status: 500 });
    const delivering = delivery.deliver(toLines([line(1)]), noon + 5_000);
    await clock.advanceTo(noon + 300);
    await influx.behave('works');

    expect(await clock.runUntilDone(delivering)).toMatchObject({ delivered: 1, spooled: 0 });
    expect(await waiting()).toEqual([]);
  });

  it('Retry-After is waited for where there is time', async () => {
    await influx.behave({ status: 503, headers: { 'retry-after': '2' } });
    const delivering = delivery.deliver(toLines([line(1)]), noon + 5_000);
    await clock.advanceTo(noon + 1_999);
    expect(influx.counts.requests).toBe(1);
    await influx.behave('works');

    expect(await clock.runUntilDone(delivering)).toMatchObject({ delivered: 1 });
    expect(clock.now()).toBe(noon + 2_000);
  });

  it('Retry-After beyond the time is not, and the next probes wait for it', async () => {
    await influx.behave({ status: 503, headers: { 'retry-after': '20' } });
    await deliver([line(1)]);
    expect([influx.counts.requests, clock.now()]).toEqual([1, noon]);

    breaker.current.allowProbe();
    await clock.advanceTo(noon + 19_000);
    await deliver([line(2)]);
    expect(influx.counts.requests).toBe(1);
    await clock.advanceTo(noon + 20_000);
    await deliver([line(3)]);
    expect(influx.counts.requests).toBe(2);
  });

  it('413: in smaller requests, and one line that is too large alone goes to the dead letters', async () => {
    const big = `m,i=big f="${'x'.repeat(100)}" ${noon}`;
    await influx.behave({ status: 413, maxLines: 100 });
    expect(await deliver(linesOf(5_000))).toMatchObject({ delivered: 5_000, rejected: 0 });
    expect(influx.counts.requests).toBeLessThan(6 + 65);

    await influx.behave({ status: 413 });
    expect(await deliver([big])).toMatchObject({ delivered: 0, rejected: 1, spooled: 0 });
    expect(await letters()).toMatchObject([{ lines: [big], status: 413 }]);
  });

  it.each(['refuses-whole-requests', 'refuses-bad-lines'] as const)(
    '400 or 422 (one that %s): the good lines are in, the bad ones with the reason among the dead letters',
    async (behaviour) => {
      const bad = new Set([line(17), line(18), line(4_999)]);
      influx.isBad = (each) => bad.has(each);
      await influx.behave(behaviour);

      expect(await deliver(linesOf(5_000))).toEqual({ delivered: 4_997, rejected: 3, spooled: 0, unkept: [] });

      expect(influx.points.size).toBe(4_997);
      expect(influx.counts.requests).toBeLessThan(80);
      const [letter, ...others] = await letters();
      expect(others).toEqual([]);
      expect(new Set(rejectedLines(letter === undefined ? [] : [letter]))).toEqual(bad);
      expect(letter).toMatchObject({ atMs: noon, reason: expect.stringMatching(/unable to parse|conflict/) as string });
    },
  );

  it('a flood of bad lines costs a bounded number of requests, and no line', async () => {
    influx.isBad = (each) => Number(/i=(\d+)/.exec(each)?.[1]) % 3 === 0;
    await influx.behave('refuses-whole-requests');

    const { delivered, rejected, ...rest } = await deliver(linesOf(5_000));

    expect(influx.counts.requests).toBeLessThan(200);
    expect(delivered + rejected).toBe(5_000);
    expect(rest).toEqual({ spooled: 0, unkept: [] });
    const recorded = rejectedLines(await letters());
    expect(new Set([...influx.points.keys()].map((key) => key.split(' ')[0])).size + recorded.length).toBe(5_000);
  });
});

describe('while InfluxDB is known to be down', () => {
  it('one probe an instant is sent, and the rest goes straight to the spool', async () => {
    await influx.behave({ status: 500 });
    await deliver([line(0)]);
    influx.counts.requests = 0;

    for (let instant = 1; instant <= 5; instant += 1) {
      breaker.current.allowProbe();
      for (const part of [1, 2, 3]) await deliver([line(instant * 10 + part)]);
    }

    expect(influx.counts.requests).toBe(5);
    expect(await waiting()).toHaveLength(16);
  });

  it('the probe that succeeds ends it', async () => {
    await influx.behave({ status: 500 });
    await deliver([line(0)]);
    await influx.behave('works');
    breaker.current.allowProbe();

    expect(await deliver([line(1)])).toMatchObject({ delivered: 1 });
    expect(await deliver([line(2)])).toMatchObject({ delivered: 1 });
  });
});

describe('of samples it counts the totals', () => {
  const sample = (index: number): string[] => [
    `locust_total,t=${index} users=1i ${noon}`,
    `locust_totally,t=${index} f=1i ${noon}`,
    line(index),
  ];

  it('that were stored, and that were rejected, and none that waits or comes back', async () => {
    influx.isBad = (each) => each.startsWith('locust_total,t=1 ') || each === line(2);
    await influx.behave('refuses-bad-lines');
    await deliver([1, 2, 3].flatMap(sample));
    expect(totalsOfLast).toEqual({ delivered: 2, rejected: 1 });

    s3.fail(500);
    await deliver([1, 2, 3].flatMap(sample));
    expect(totalsOfLast).toEqual({ delivered: 2, rejected: 0 });

    s3.fail(undefined);
    await influx.behave({ status: 503 });
    await deliver([1, 2, 3].flatMap(sample));
    expect(totalsOfLast).toEqual({ delivered: 0, rejected: 0 });
  });
});

describe('while the store fails as well', () => {
  it('every line comes back, and the failures are reported', async () => {
    await influx.behave({ status: 500 });
    s3.fail(500);

    expect(await deliver(linesOf(2))).toEqual({ delivered: 0, spooled: 0, rejected: 0, unkept: linesOf(2) });
    expect(troubles).toHaveLength(2);
  });

  it('a refused line comes back', async () => {
    influx.isBad = (each) => each === line(1);
    await influx.behave('refuses-bad-lines');
    s3.fail(500);

    expect(await deliver(linesOf(3))).toMatchObject({ delivered: 2, rejected: 0, unkept: [line(1)] });
    expect(await deliver([line(1)])).toMatchObject({ delivered: 0, rejected: 0, unkept: [line(1)] });
    expect(troubles.filter((trouble) => /^4\d\d /.test(trouble))).toEqual([]);

    s3.fail(undefined);
    expect(await deliver([line(1)])).toMatchObject({ rejected: 1, unkept: [] });
    expect(troubles.filter((trouble) => /^4\d\d /.test(trouble))).toHaveLength(1);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBreaker } from '../../../lambda/influx/delivery/breaker.ts';
import { createDeadLetters } from '../../../lambda/influx/spool/dead-letters.ts';
import { createInfluxWriter } from '../../../lambda/influx/delivery/influx-writer.ts';
import type { InfluxWriter } from '../../../lambda/influx/delivery/influx-writer.ts';
import { createDelivery, noTotals } from '../../../lambda/influx/delivery/delivery.ts';
import type { Delivery } from '../../../lambda/influx/delivery/delivery.ts';
import { keepToken } from '../../../lambda/influx/delivery/influx-token.ts';
import { noLines, toLines } from '../../../lambda/influx/lines.ts';
import type { Lines } from '../../../lambda/influx/lines.ts';
import { createSpool } from '../../../lambda/influx/spool/spool.ts';
import { startFaultyInflux } from '../../support/influx/faulty-influx.ts';
import type { FaultyInflux } from '../../support/influx/faulty-influx.ts';
import type { Clock } from '../../../lambda/runtime/clock.ts';
import { createHandClock, withDeadlines } from '../../support/time/hand-clock.ts';
import type { HandClock } from '../../support/time/hand-clock.ts';
import { patientClock } from '../../support/time/patient-clock.ts';
import { startS3Server } from '../../support/aws/s3-server.ts';
import type { S3Server } from '../../support/aws/s3-server.ts';

const linesOf = (count: number): Lines => toLines(Array.from({ length: count }, (_, index) => `m,i=${index} f=1i 1`));

const noon = Date.parse('2026-11-22T12:00:00Z');

let influx: FaultyInflux;
let s3: S3Server;
let clock: HandClock;
const breaker = { current: createBreaker() };
/** How long each request was allowed to take, ms. */
let timeouts: number[];
let troubles: unknown[];
beforeEach(async () => {
  [influx, s3] = [await startFaultyInflux(), await startS3Server()];
  [breaker.current, clock] = [createBreaker(), createHandClock(noon)];
  [timeouts, troubles] = [[], []];
});
afterEach(() => Promise.all([influx.close(), s3.close()]));

/** @param store undefined for one that works, and for which time stands still */
function deliveryBy(writer: InfluxWriter, by: Clock = withDeadlines(clock), store = clock.busy(s3.store())): Delivery {
  return createDelivery({
    writer: {
      ...writer,
      write(lines, timeoutMs) {
        timeouts.push(timeoutMs);
        return writer.write(lines, timeoutMs);
      },
    },
    keeping: { spool: createSpool(store), deadLetters: createDeadLetters(store) },
    breaker: breaker.current,
    clock: by,
    jitter: () => 0,
    onTrouble: (trouble) => troubles.push(trouble),
  });
}

const waiting = async (): Promise<number> => (await createSpool(s3.store()).list()).length;

describe('whatever hangs', () => {
  it('the secret with the token: lines go to the spool in their time', async () => {
    const token = keepToken(() => new Promise(() => undefined));
    const writer = createInfluxWriter({ ...influx.settings, token, clock });

    const result = await clock.runUntilDone(deliveryBy(writer).deliver(linesOf(3), noon + 5_000));

    expect(result).toEqual({ delivered: 0, spooled: 3, rejected: 0, unkept: noLines, totals: noTotals });
    // A quarter of a second more, in which a writer that works would say why.
    expect(clock.now() - noon).toBeLessThanOrEqual(5_250);
    expect([await waiting(), influx.counts.requests]).toEqual([1, 0]);
    expect(JSON.stringify(troubles)).toContain('neither InfluxDB nor its token');
  });

  it('the store as well: all lines come back after one time limit, however many', async () => {
    await influx.behave('is-down');
    s3.fail('hangs');
    const writer = clock.busy(createInfluxWriter({ ...influx.settings, clock }));
    const delivery = deliveryBy(writer, withDeadlines(clock), s3.store());

    const result = await clock.runUntilDone(delivery.deliver(linesOf(40_000), noon + 500));

    expect(result).toMatchObject({ delivered: 0, spooled: 0 });
    expect(result.unkept.count).toBe(40_000);
    // Once 5 s, and the time of the tries; eight limits one after another would be 40 s.
    expect(clock.now() - noon).toBeLessThanOrEqual(5_500);
    writer.close();
  });

  it('InfluxDB, while the machine’s time is set back an hour: no try is given longer than was left before', async () => {
    const writer: InfluxWriter = {
      async write(_lines, timeoutMs) {
        clock.setTo(noon - 3_600_000);
        await clock.sleepUntil(clock.now() + timeoutMs);
        return { outcome: 'retryable', reason: 'it hangs' };
      },
      close: () => undefined,
    };
    const beganAtMs = clock.passedMs();
    const result = await clock.runUntilDone(deliveryBy(writer).deliver(linesOf(2), noon + 5_000));

    expect(result).toMatchObject({ spooled: 2 });
    expect(timeouts.length).toBeGreaterThan(1);
    expect(clock.passedMs() - beganAtMs).toBeLessThanOrEqual(5_000);
  });

  it('a writer that breaks its promise and rejects: lines are kept', async () => {
    const broken: InfluxWriter = { write: () => Promise.reject(new Error('a bug')), close: () => undefined };
    expect(await clock.runUntilDone(deliveryBy(broken).deliver(linesOf(2), noon + 1_000))).toMatchObject({
      spooled: 2,
    });
  });
});

describe('a probe', () => {
  const frozen: Clock = { ...patientClock, now: () => noon, passedMs: () => noon, sleepUntil: () => Promise.resolve() };

  it('waits as long as the first try of a delivery, or a slow store would never be seen to be back', async () => {
    const writer = createInfluxWriter({ ...influx.settings, clock: frozen });
    const delivery = deliveryBy(writer, frozen);
    await influx.behave({ status: 500 });
    await delivery.deliver(linesOf(1), noon + 5_000);
    breaker.current.allowProbe();
    await delivery.deliver(linesOf(1), noon + 5_000);

    const [firstTry, , , probe] = timeouts;
    expect(timeouts).toHaveLength(4);
    expect(probe).toBe(firstTry);
    writer.close();
  });

  it('is one request, however much there is; when it gets through, the rest follows', async () => {
    const writer = createInfluxWriter({ ...influx.settings, clock: frozen });
    const delivery = deliveryBy(writer, frozen);
    const deliver = () => delivery.deliver(linesOf(12_000), noon + 5_000);
    breaker.current.recordFailure();
    breaker.current.allowProbe();
    await influx.behave({ status: 500 });
    expect(await deliver()).toMatchObject({ delivered: 0, spooled: 12_000 });
    expect(influx.counts.requests).toBe(1);

    breaker.current.allowProbe();
    await influx.behave('works');
    expect(await deliver()).toMatchObject({ delivered: 12_000, spooled: 0 });
    expect([influx.counts.requests, breaker.current.isOpen]).toEqual([4, false]);
    writer.close();
  });

  it('comes again within an hour, though the clock is set back while InfluxDB wants to be left alone', () => {
    const { current } = breaker;
    current.recordFailure(10_000_000);
    current.allowProbe();
    expect(current.takePermission(9_000_000)).toBe('keep');
    expect(current.takePermission(1_000_000)).toBe('probe');
  });
});

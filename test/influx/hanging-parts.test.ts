import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBreaker } from '../../lambda/influx/breaker.ts';
import { createDeadLetters } from '../../lambda/influx/dead-letters.ts';
import { createDeliverer } from '../../lambda/influx/deliver.ts';
import type { Deliverer } from '../../lambda/influx/deliver.ts';
import { createSafeDelivery } from '../../lambda/influx/deliver-or-keep.ts';
import type { SafeDelivery } from '../../lambda/influx/deliver-or-keep.ts';
import { keepToken, renewToken } from '../../lambda/influx/renew-token.ts';
import { createSpool } from '../../lambda/influx/spool.ts';
import { startFaultyInflux } from '../support/faulty-influx.ts';
import type { FaultyInflux } from '../support/faulty-influx.ts';
import type { Clock } from '../../lambda/runtime/clock.ts';
import { createHandClock, withDeadlines } from '../support/hand-clock.ts';
import type { HandClock } from '../support/hand-clock.ts';
import { patientClock } from '../support/patient-clock.ts';
import { startS3Server } from '../support/s3-server.ts';
import type { S3Server } from '../support/s3-server.ts';

const linesOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `m,i=${index} f=1i 1`);

const noon = Date.parse('2026-11-22T12:00:00Z');

let influx: FaultyInflux;
let s3: S3Server;
let clock: HandClock;
const breaker = { current: createBreaker() };
/** How long each delivery was allowed to take, ms. */
let deadlines: (number | undefined)[];
let told: unknown[];
beforeEach(async () => {
  [influx, s3] = [await startFaultyInflux(), await startS3Server()];
  [breaker.current, clock] = [createBreaker(), createHandClock(noon)];
  [deadlines, told] = [[], []];
});
afterEach(() => Promise.all([influx.close(), s3.close()]));

/** @param store undefined for one that works, and for which time stands still */
function safeDelivery(
  deliverer: Deliverer,
  by: Clock = withDeadlines(clock),
  store = clock.busy(s3.store()),
): SafeDelivery {
  return createSafeDelivery({
    deliverer: {
      ...deliverer,
      deliver(lines, options) {
        deadlines.push(options?.deadlineMs);
        return deliverer.deliver(lines, options);
      },
    },
    keeping: { spool: createSpool(store), deadLetters: createDeadLetters(store) },
    breaker: breaker.current,
    clock: by,
    jitter: () => 0,
    told: (trouble) => told.push(trouble),
  });
}

const waiting = async (): Promise<number> => (await createSpool(s3.store()).list()).length;

describe('whatever hangs', () => {
  it('the secret with the token: lines go to the spool in their time', async () => {
    const token = keepToken({ read: () => new Promise(() => undefined) });
    const deliverer = renewToken(token, (current) => createDeliverer({ ...influx.settings, token: current, clock }));

    const fate = await clock.runUntilDone(safeDelivery(deliverer).deliver(linesOf(3), noon + 5_000));

    expect(fate).toEqual({ delivered: 0, spooled: 3, rejected: 0, unkept: [] });
    // A quarter of a second more, in which a deliverer that works would say why.
    expect(clock.now() - noon).toBeLessThanOrEqual(5_250);
    expect([await waiting(), influx.counts.requests]).toEqual([1, 0]);
    expect(JSON.stringify(told)).toContain('neither InfluxDB nor its token');
  });

  it('the store as well: all lines come back after one time limit, however many', async () => {
    await influx.behave('is-down');
    s3.fail('hangs');
    const deliverer = clock.busy(createDeliverer({ ...influx.settings, clock }));
    const delivery = safeDelivery(deliverer, withDeadlines(clock), s3.store());

    const fate = await clock.runUntilDone(delivery.deliver(linesOf(40_000), noon + 500));

    expect(fate).toMatchObject({ delivered: 0, spooled: 0 });
    expect(fate.unkept).toHaveLength(40_000);
    // Once 5 s, and the time of the tries; eight limits one after another would be 40 s.
    expect(clock.now() - noon).toBeLessThanOrEqual(5_500);
    deliverer.close();
  });

  it('a deliverer that breaks its promise and rejects: lines are kept', async () => {
    const broken: Deliverer = { deliver: () => Promise.reject(new Error('a bug')), close: () => undefined };
    expect(await clock.runUntilDone(safeDelivery(broken).deliver(linesOf(2), noon + 1_000))).toMatchObject({
      spooled: 2,
    });
  });
});

describe('a probe', () => {
  const frozen: Clock = { ...patientClock, now: () => noon, sleepUntil: () => Promise.resolve() };

  it('waits as long as the first try of a delivery, or a slow store would never be seen to be back', async () => {
    const deliverer = createDeliverer({ ...influx.settings, clock: frozen });
    const delivery = safeDelivery(deliverer, frozen);
    await influx.behave({ status: 500 });
    await delivery.deliver(linesOf(1), noon + 5_000);
    breaker.current.allowProbe();
    await delivery.deliver(linesOf(1), noon + 5_000);

    const [firstTry, , , probe] = deadlines;
    expect(deadlines).toHaveLength(4);
    expect(probe).toBe(firstTry);
    deliverer.close();
  });

  it('is one request, however much there is; when it gets through, the rest follows', async () => {
    const deliverer = createDeliverer({ ...influx.settings, clock: frozen });
    const delivery = safeDelivery(deliverer, frozen);
    const deliver = () => delivery.deliver(linesOf(12_000), noon + 5_000);
    breaker.current.failed();
    breaker.current.allowProbe();
    await influx.behave({ status: 500 });
    expect(await deliver()).toMatchObject({ delivered: 0, spooled: 12_000 });
    expect(influx.counts.requests).toBe(1);

    breaker.current.allowProbe();
    await influx.behave('works');
    expect(await deliver()).toMatchObject({ delivered: 12_000, spooled: 0 });
    expect([influx.counts.requests, breaker.current.isOpen]).toEqual([4, false]);
    deliverer.close();
  });

  it('comes again within an hour, though the clock is set back while InfluxDB wants to be left alone', () => {
    const { current } = breaker;
    current.failed(10_000_000);
    current.allowProbe();
    expect(current.permission(9_000_000)).toBe('keep');
    expect(current.permission(1_000_000)).toBe('probe');
  });
});

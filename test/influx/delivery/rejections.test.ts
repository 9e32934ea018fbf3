import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBreaker } from '../../../lambda/influx/delivery/breaker.ts';
import { createDelivery } from '../../../lambda/influx/delivery/delivery.ts';
import { createInfluxWriter } from '../../../lambda/influx/delivery/influx-writer.ts';
import { toLines } from '../../../lambda/influx/lines.ts';
import { createDeadLetters } from '../../../lambda/influx/spool/dead-letters.ts';
import { createSpool } from '../../../lambda/influx/spool/spool.ts';
import { startS3Server } from '../../support/aws/s3-server.ts';
import type { S3Server } from '../../support/aws/s3-server.ts';
import { startFaultyInflux } from '../../support/influx/faulty-influx.ts';
import type { FaultyInflux } from '../../support/influx/faulty-influx.ts';
import { rejectedLines, waitingEntries } from '../../support/influx/kept-lines.ts';
import { patientClock as clock } from '../../support/time/patient-clock.ts';

let influx: FaultyInflux;
let s3: S3Server;
beforeEach(async () => {
  [influx, s3] = [await startFaultyInflux(), await startS3Server()];
});
afterEach(() => Promise.all([influx.close(), s3.close()]));

/** Delivers as many lines, and says what became of them. */
async function deliver(count: number) {
  const store = s3.store();
  const deadLetters = createDeadLetters(store);
  const writer = createInfluxWriter({ ...influx.settings, clock });
  const keeping = { spool: createSpool(store), deadLetters };
  const delivery = createDelivery({ writer, keeping, breaker: createBreaker(), clock, onTrouble: () => undefined });
  const lines = Array.from({ length: count }, (_, index) => `m,i=${index} f=1i 1`);
  const { delivered, rejected, spooled } = await delivery.deliver(toLines(lines), clock.now() + 60_000);
  writer.close();
  const { letters } = await deadLetters.list({ limit: 100 });
  return { counts: { delivered, rejected, spooled }, letters, waiting: await waitingEntries(store) };
}

const indexOf = (line = ''): number => Number(/i=(\d+)/.exec(line)?.[1]);

describe('an InfluxDB that answers 500 for a partial write', () => {
  it('has rejected the bad lines: they become one dead letter, the good ones are stored, and nothing waits', async () => {
    influx.isBad = (line) => indexOf(line) === 3;
    influx.words = (bad) =>
      `unexpected error writing points to database: partial write: field type conflict: input field "f" on ` +
      `measurement "m" is type integer, already exists as type float dropped=${bad.length}`;
    await influx.behave('refuses-bad-lines-with-500');

    const { counts, letters, waiting } = await deliver(100);

    expect([counts, waiting]).toEqual([{ delivered: 99, rejected: 1, spooled: 0 }, []]);
    expect(letters).toMatchObject([{ status: 500, lines: ['m,i=3 f=1i 1'] }]);
    expect(letters[0]?.reason).toContain('input field "f" on measurement "m"');
    expect(influx.points.size).toBe(99);
  });
});

describe('reasons that name something else each time', () => {
  it.each<readonly [what: string, words: (bad: readonly string[]) => string]>([
    [
      'the value of a tag',
      ([line]) =>
        `partial write: max-values-per-tag limit exceeded (300/300): measurement="m" tag="i" value="${indexOf(line)}"`,
    ],
    ['the line', ([line]) => `unable to parse '${line ?? ''}': it's missing, isn't it: 'tag'`],
    [
      'the oldest point and its time',
      ([line]) =>
        `partial write: dropped 1 points outside retention policy of duration 1h0m0s - oldest point m,i=${indexOf(line)} ` +
        `at 2026-11-22T12:00:${indexOf(line)}Z dropped because it violates a Retention Policy Lower Bound at 2026-11-22T13:00:00.123Z`,
    ],
    ['a number', ([line]) => `partial write: max key length exceeded: got ${66_000 + indexOf(line)}, max 65535`],
  ])('(%s) are one dead letter', async (_what, words) => {
    influx.isBad = (line) => indexOf(line) % 8 === 0;
    influx.words = words;
    await influx.behave('refuses-bad-lines');

    const { counts, letters } = await deliver(80);

    expect(counts).toEqual({ delivered: 70, rejected: 10, spooled: 0 });
    expect(letters).toHaveLength(1);
    expect(rejectedLines(letters)).toHaveLength(10);
  });

  it('of a field or a measurement are one dead letter for each, since each is mended alone', async () => {
    influx.isBad = (line) => indexOf(line) < 9;
    influx.words = ([line]) =>
      `partial write: field type conflict: input field "p9${indexOf(line) % 3}" on measurement "m"`;
    await influx.behave('refuses-bad-lines');

    expect((await deliver(16)).letters).toHaveLength(3);
  });

  it('in words that nobody knows are at most ten dead letters, and no line is missing', async () => {
    influx.isBad = (line) => indexOf(line) < 30;
    influx.words = ([line]) => `the reason called ${'x'.repeat(indexOf(line))}`;
    await influx.behave('refuses-bad-lines');

    const { counts, letters } = await deliver(40);

    expect(counts).toEqual({ delivered: 10, rejected: 30, spooled: 0 });
    expect([letters.length, rejectedLines(letters).length]).toEqual([10, 30]);
    expect(letters.filter(({ reason }) => reason.endsWith('(and other reasons)'))).toHaveLength(1);
  });
});

it('what InfluxDB says that it has dropped as a whole is not sent line by line', async () => {
  influx.isBad = (line) => indexOf(line) >= 64;
  influx.words = (bad) => `partial write: max-values-per-tag limit exceeded (64/64): value="x" dropped=${bad.length}`;
  await influx.behave('refuses-bad-lines');

  const { counts } = await deliver(128);

  expect(counts).toEqual({ delivered: 64, rejected: 64, spooled: 0 });
  // All of them, and each half.
  expect(influx.counts.requests).toBe(3);
});

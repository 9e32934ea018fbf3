import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBreaker } from '../../../lambda/influx/delivery/breaker.ts';
import { separateLines, toLines } from '../../../lambda/influx/lines.ts';
import { createDeadLetters } from '../../../lambda/influx/spool/dead-letters.ts';
import { createInfluxWriter } from '../../../lambda/influx/delivery/influx-writer.ts';
import type { InfluxWriter } from '../../../lambda/influx/delivery/influx-writer.ts';
import { createDelivery } from '../../../lambda/influx/delivery/delivery.ts';
import { createSpoolDrain } from '../../../lambda/influx/spool/drain-spool.ts';
import type { SpoolDrain } from '../../../lambda/influx/spool/drain-spool.ts';
import { createSpool } from '../../../lambda/influx/spool/spool.ts';
import type { Spool } from '../../../lambda/influx/spool/spool.ts';
import { withResolvers } from '../../../lambda/runtime/with-resolvers.ts';
import { waitingEntries } from '../../support/influx/kept-lines.ts';
import { impatient } from '../../support/rigs/fault-rig.ts';
import { startFaultyInflux } from '../../support/influx/faulty-influx.ts';
import type { FaultyInflux } from '../../support/influx/faulty-influx.ts';
import { createHandClock } from '../../support/time/hand-clock.ts';
import { startS3Server } from '../../support/aws/s3-server.ts';
import type { S3Server } from '../../support/aws/s3-server.ts';

const noon = Date.parse('2026-11-22T12:00:00Z');
const linesOf = (from: number, count: number) =>
  toLines(Array.from({ length: count }, (_, index) => `m,i=${from + index} f=1i ${noon}`));

let influx: FaultyInflux;
let s3: S3Server;
let writer: InfluxWriter;
let spool: Spool;
let failures: string[];
let rejected: number;
/** How long each request was allowed to take, ms. */
let timeouts: number[];
/** Called after each request that InfluxDB has answered. */
let answered: () => Promise<void>;
const breaker = { current: createBreaker() };
// Deadlines come while something hangs, and only then.
let hangs = false;
const clock = impatient(createHandClock(noon), () => hangs);
beforeEach(async () => {
  [influx, s3, failures, answered] = [await startFaultyInflux(), await startS3Server(), [], () => Promise.resolve()];
  [breaker.current, timeouts, hangs, rejected] = [createBreaker(), [], false, 0];
  const connection = createInfluxWriter({ ...influx.settings, clock });
  writer = {
    ...connection,
    async write(lines, timeoutMs) {
      timeouts.push(timeoutMs);
      const answer = await connection.write(lines, timeoutMs);
      await answered();
      return answer;
    },
  };
  spool = createSpool(s3.store());
});
afterEach(async () => {
  writer.close();
  await Promise.all([influx.close(), s3.close()]);
});

function openDrain(of: Spool = spool): SpoolDrain {
  const keeping = { spool, deadLetters: createDeadLetters(s3.store()) };
  return createSpoolDrain({
    spool: of,
    delivery: createDelivery({ writer, keeping, breaker: breaker.current, clock, onTrouble: () => undefined }),
    clock,
    whenFree: () => Promise.resolve(),
    onReplayed: (lines) => (rejected += lines.rejected),
    onFailure: (doing) => failures.push(doing),
  });
}
const soon = noon + 60_000;

describe('of a batch of which InfluxDB takes only the beginning', () => {
  it('what it took is not sent again, and the rest waits on in its old place', async () => {
    for (let entry = 0; entry < 3; entry += 1) await spool.put(linesOf(entry * 4_000, 4_000), noon + entry);
    answered = () => influx.behave({ status: 500 });
    await openDrain().run(soon);

    const left = await spool.list();
    expect(left.map(({ writtenAtMs }) => writtenAtMs - noon)).toEqual([1, 2]);
    expect(await waitingEntries(s3.store())).toEqual([linesOf(5_000, 3_000), linesOf(8_000, 4_000)].map(separateLines));

    answered = () => Promise.resolve();
    await influx.behave('works');
    await openDrain().run(soon);
    expect([influx.points.size, influx.counts.repeated, await spool.list()]).toEqual([12_000, 0, []]);
  });

  it('lines that it refused are dead letters once, however often the rest fails', async () => {
    for (const from of [0, 4_000]) await spool.put(linesOf(from, 4_000), noon + from);
    influx.isBad = (line) => line.startsWith('m,i=7 ');
    await influx.behave('refuses-bad-lines');
    for (let time = 0; time < 3; time += 1) {
      let requests = 0;
      // Enough to find the bad line the first time.
      answered = () => ((requests += 1) === 26 - 13 * time ? influx.behave({ status: 500 }) : Promise.resolve());
      await openDrain().run(soon);
      await influx.behave('refuses-bad-lines');
    }
    const { letters } = await createDeadLetters(s3.store()).list({ limit: 9 });
    expect(letters).toHaveLength(1);
    expect(influx.points.size).toBe(7_999);
  });

  it('live lines go on as before: the time that is left over for the spool says nothing of InfluxDB', async () => {
    await spool.put(linesOf(0, 10), noon);
    await influx.behave('hangs');
    hangs = true;
    await openDrain().run(soon);
    hangs = false;
    expect([breaker.current.isOpen, await spool.list()]).toMatchObject([false, [{ writtenAtMs: noon }]]);

    await influx.behave({ status: 429, headers: { 'retry-after': '30' } });
    await openDrain().run(soon);
    expect(breaker.current.takePermission(noon + 29_000)).toBe('keep');
  });
});

describe('a drain', () => {
  it('puts entries aside that cannot be read, however many, tells each once, and sends the others', async () => {
    for (let entry = 0; entry < 20; entry += 1) await spool.put(linesOf(entry, 1), noon + entry);
    for (const { key } of (await spool.list()).slice(0, 19)) s3.objects.set(key, Buffer.from('broken'));
    const drain = openDrain();
    await drain.run(soon);
    expect([influx.points.size, failures.length, rejected]).toEqual([1, 19, 19]);
    expect(drain.knownTotals()).toMatchObject({ entries: 0 });
    const { letters } = await createDeadLetters(s3.store()).list({ limit: 30 });
    expect(letters).toMatchObject(
      Array.from({ length: 19 }, (_, entry) => ({ atMs: noon + entry, unreadableBytes: 6 })),
    );

    await openDrain().run(soon);
    expect([failures.length, rejected, await spool.list()]).toEqual([19, 19, []]);
  });

  it('that cannot put a damaged entry aside leaves it for the next one, and sends the others', async () => {
    for (let entry = 0; entry < 3; entry += 1) await spool.put(linesOf(entry, 1), noon + entry);
    const [key = ''] = [...s3.objects.keys()].sort();
    s3.objects.set(key, Buffer.from('broken'));
    const full: Spool = createSpool({ ...s3.store(), put: () => Promise.reject(new Error('no room')) });
    await openDrain(full).run(soon);
    expect([influx.points.size, failures, rejected]).toEqual([2, ['putting a damaged entry of the spool aside'], 0]);
    expect(s3.objects.get(key)?.toString()).toBe('broken');

    await openDrain().run(soon);
    expect([await spool.list(), rejected]).toEqual([[], 1]);
  });

  it('takes an entry for damaged only when it is: of a reading that was cut short nothing is put aside', async () => {
    await spool.put(linesOf(0, 50), noon);
    let readings = 0;
    const flaky = createSpool({
      ...s3.store(),
      async get(key) {
        const body = await s3.store().get(key);
        return (readings += 1) === 1 ? body?.subarray(0, 40) : body;
      },
    });
    await openDrain(flaky).run(soon);
    expect([rejected, failures.length, (await spool.list()).length]).toEqual([0, 1, 1]);
    await openDrain(flaky).run(soon);
    expect([influx.points.size, await spool.list()]).toEqual([50, []]);
  });

  it('knows that there is more when lines are put while it looks', async () => {
    await spool.put(linesOf(0, 1), noon);
    const [listed, goOn] = [withResolvers<undefined>(), withResolvers<undefined>()];
    const slow: Spool = {
      ...spool,
      async list() {
        const entries = await spool.list();
        listed.resolve(undefined);
        await goOn.promise;
        return entries;
      },
    };
    const drain = openDrain(slow);
    const running = drain.run(soon);
    await listed.promise;
    await spool.put(linesOf(1, 1), noon + 1);
    drain.noteSpooled();
    goOn.resolve(undefined);
    await running;
    expect(drain.knownTotals()).toBeUndefined();
    expect(await drain.readTotals()).toMatchObject({ entries: 1 });
    await drain.run(soon);
    expect(await drain.readTotals()).toMatchObject({ entries: 0 });
  });

  it('that hangs is not waited for at the end', async () => {
    await spool.put(linesOf(0, 1), noon);
    const hanging = withResolvers<never>();
    const drain = openDrain({ ...spool, list: () => hanging.promise });
    const running = drain.run(soon);
    hangs = true;
    await drain.stop();
    expect(failures).toEqual(['waiting for the spool']);
    hanging.reject(new Error('it hung'));
    await running;
  });

  it('does not wait for one that hangs to the end of an idle minute, which is billed', async () => {
    await spool.put(linesOf(0, 1), noon);
    await openDrain().run(soon);
    expect(timeouts).toEqual([10_000]);
  });

  it('removes nothing that InfluxDB has not stored, whatever it answers', async () => {
    await spool.put(linesOf(0, 2), noon);
    for (const behaviour of [
      { status: 500 },
      { status: 401 },
      { status: 302 },
      'is-down',
      'resets-mid-answer',
    ] as const) {
      await influx.behave(behaviour);
      await openDrain().run(soon);
      expect({ behaviour, waiting: (await spool.list()).length }).toEqual({ behaviour, waiting: 1 });
    }
    expect(s3.requests.filter((request) => request.startsWith('DELETE'))).toEqual([]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createReportMemory } from '../../../lambda/api/reports/report-memory.ts';
import { withResolvers } from '../../../lambda/runtime/with-resolvers.ts';
import { problem, transports } from '../../support/rigs/api-rig.ts';
import type { Answer } from '../../support/rigs/api-rig.ts';
import { createHandClock, withDeadlines } from '../../support/time/hand-clock.ts';
import { startReportRig } from '../../support/rigs/report-rig.ts';
import type { ReportRig } from '../../support/rigs/report-rig.ts';

const noon = Date.parse('2026-11-22T12:00:00Z');
/** What nobody takes for small. */
const large = { bytes: Buffer.alloc(300_000, ' '), contentEncoding: undefined };
const small = { bytes: Buffer.alloc(20_000, ' '), contentEncoding: undefined };
const crowded = { kind: 'unavailable', headers: { 'retry-after': '5' } };

/** The most deliveries that were open at once. */
let [open, mostOpen] = [0, 0];

describe.each(transports)('large reports that come all at once, %s', (transport) => {
  let rig: ReportRig;
  beforeAll(async () => {
    rig = await startReportRig(transport, ({ reports }) => ({
      reports: reports && {
        ...reports,
        openInflux() {
          mostOpen = Math.max(mostOpen, (open += 1));
          const writer = reports.openInflux();
          const close = (): void => {
            open -= 1;
            writer.close();
          };
          return { ...writer, close };
        },
      },
    }));
  });
  afterAll(() => rig.close());

  it('are taken four at once at most, and the others are answered with when to come again', async () => {
    mostOpen = 0;
    const ids = Array.from({ length: 40 }, (_, index) => `ci-${index}`);
    await Promise.all(ids.map((id) => rig.register(id)));
    const body = (id: string): string =>
      JSON.stringify({ stats: [{ name: id, num_requests: 1 }], state: 'running' }).padEnd(1_000_000);
    const sendAll = (those: readonly string[]): Promise<Answer[]> =>
      Promise.all(those.map((id) => rig.report(id, 0, body(id))));
    const refusedOf = (answers: readonly Answer[], those: readonly string[]): readonly string[] =>
      those.filter((_, index) => answers[index]?.status !== 202);

    const answers = await sendAll(ids);
    let refused = refusedOf(answers, ids);
    for (const answer of answers.filter(({ status }) => status !== 202)) {
      expect(answer).toMatchObject(problem('unavailable', 503));
      expect(answer.headers.get('retry-after')).toBe('5');
    }
    for (let times = 0; refused.length > 0 && times < 10; times += 1) {
      refused = refusedOf(await sendAll(refused), refused);
    }
    expect([refused, mostOpen]).toEqual([[], 4]);
    expect(rig.stored('locust_endpoint').length).toBe(40);
  });
});

describe('the room for reports', () => {
  it('is not held from small ones by large ones', async () => {
    const room = createReportMemory(createHandClock(noon));
    const held = withResolvers<string>();
    const working = Array.from({ length: 20 }, () => room.take(large, () => held.promise));
    await expect(room.take(large, () => Promise.resolve('large'))).rejects.toMatchObject(crowded);
    expect(await room.take(small, () => Promise.resolve('small'))).toBe('small');
    held.resolve('done');
    expect(new Set(await Promise.all(working))).toEqual(new Set(['done']));
  });

  it('that does not come free within 5 s is not waited for: the work is not done, later ones are', async () => {
    const clock = createHandClock(noon);
    const room = createReportMemory(withDeadlines(clock));
    const held = withResolvers<string>();
    const working = Array.from({ length: 4 }, () => room.take(large, () => held.promise));
    let done = 0;
    const waiting = room.take(large, () => Promise.resolve((done += 1))).catch((error: unknown) => error);
    await clock.advanceTo(noon + 5_000);
    expect(await waiting).toMatchObject(crowded);
    held.resolve('done');
    await Promise.all(working);
    expect(await room.take(large, () => Promise.resolve('next'))).toBe('next');
    expect(done).toBe(0);
  });
});
